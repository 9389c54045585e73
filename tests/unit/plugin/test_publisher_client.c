/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "plugin/raypssd/publisher_client.h"
#include "tests/unit/unit.h"

/* A publisher that is this test: it writes answers to the descriptor that is returned. */
static int begin(struct publisher_client *p, unsigned waiting)
{
	int request[2], answer[2];

	ck_assert_int_eq(pipe2(request, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answer, O_CLOEXEC), 0);
	close(request[0]);
	publisher_client_init(p, request[1], answer[0]);
	p->waiting = waiting;
	return answer[1];
}

static void put(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void expect(struct publisher_client *p, int rc, const char *want)
{
	char text[64] = "none";

	ck_assert_int_eq(publisher_client_answer(p, text, sizeof(text)), rc);
	ck_assert_str_eq(text, want);
}

START_TEST(two_answers_of_one_write_are_two)
{
	struct publisher_client p;
	int fd = begin(&p, 3);

	put(fd, "\nslurmctld is away\nthe third, ");
	expect(&p, 0, "");
	expect(&p, 0, "slurmctld is away");
	expect(&p, -EAGAIN, "none");
	ck_assert_uint_eq(p.waiting, 1);
	put(fd, "at last\n");
	expect(&p, 0, "the third, at last");
	ck_assert_uint_eq(p.waiting, 0);
	close(fd);
	publisher_client_close(&p);
}
END_TEST

START_TEST(a_publisher_that_ends_is_told_after_its_answers)
{
	struct publisher_client p;
	int fd = begin(&p, 2);

	put(fd, "\ncut");
	close(fd);
	expect(&p, 0, "");
	expect(&p, -EPIPE, "none");
	ck_assert_int_lt(p.answer, 0);
	ck_assert_uint_eq(p.waiting, 0);
	expect(&p, -EPIPE, "none");
}
END_TEST

START_TEST(an_answer_that_is_too_long_is_cut)
{
	static char text[3 * PUBLISHER_ANSWER_LONGEST];
	struct publisher_client p;
	char got[16];
	int fd = begin(&p, 3);

	memset(text, 'x', sizeof(text) - 1);
	put(fd, "0123456789abcdefghi\n");
	ck_assert_int_eq(publisher_client_answer(&p, got, sizeof(got)), 0);
	ck_assert_str_eq(got, "0123456789abcde");
	put(fd, text);
	put(fd, "\nthe next\n");
	expect(&p, 0, "an answer that is too long");
	expect(&p, 0, "the next");
	close(fd);
	publisher_client_close(&p);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("publisher_client");

	tcase_add_test(tc, two_answers_of_one_write_are_two);
	tcase_add_test(tc, a_publisher_that_ends_is_told_after_its_answers);
	tcase_add_test(tc, an_answer_that_is_too_long_is_cut);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "plugin/common/line_reader.h"
#include "tests/unit/unit.h"

enum { LONGEST = 8192 };

static int to, from;
static struct line_reader r;

static void begin(void)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	from = fds[0];
	to = fds[1];
	ck_assert_int_eq(fcntl(from, F_SETFL, O_NONBLOCK), 0);
	line_reader_init(&r, from, LONGEST);
}

static void end(void)
{
	line_reader_free(&r);
	close(from);
	if (to >= 0)
		close(to);
}

static void put(const char *text)
{
	ck_assert_int_eq(write(to, text, strlen(text)), (ssize_t)strlen(text));
}

static void expect(const char *want)
{
	char *line = NULL;

	ck_assert_int_eq(line_reader_next(&r, &line), 1);
	ck_assert_str_eq(line, want);
}

START_TEST(lines_of_one_write_come_one_by_one)
{
	char *line;

	begin();
	put("first\n\nthird\nthe begin");
	expect("first");
	ck_assert(line_reader_has_line(&r));
	expect("");
	expect("third");
	ck_assert(!line_reader_has_line(&r));
	ck_assert_int_eq(line_reader_next(&r, &line), -EAGAIN);
	put("ning\n");
	expect("the beginning");
	ck_assert_int_eq(line_reader_next(&r, &line), -EAGAIN);
	end();
}
END_TEST

START_TEST(a_line_without_its_newline_is_dropped_at_the_end)
{
	char *line;

	begin();
	put("whole\ncut");
	close(to);
	to = -1;
	expect("whole");
	ck_assert_int_eq(line_reader_next(&r, &line), 0);
	end();
}
END_TEST

/* length: of the line without its newline. */
static void a_line_between(size_t length, int rc)
{
	static char text[3 * LONGEST];
	char *line = NULL;

	begin();
	memset(text, 'x', length);
	text[length] = '\0';
	put("before\n");
	put(text);
	put("\nafter\n");
	expect("before");
	ck_assert_int_eq(line_reader_next(&r, &line), rc);
	ck_assert_msg(r.size <= LONGEST, "%zu", r.size);
	if (rc == 1)
		ck_assert_str_eq(line, text);
	expect("after");
	end();
}

START_TEST(a_line_that_is_too_long_is_told_and_skipped)
{
	a_line_between(LONGEST - 1, 1);
	a_line_between(LONGEST, -EMSGSIZE);
	a_line_between(3 * LONGEST - 1, -EMSGSIZE);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("line_reader");

	tcase_add_test(tc, lines_of_one_write_come_one_by_one);
	tcase_add_test(tc, a_line_without_its_newline_is_dropped_at_the_end);
	tcase_add_test(tc, a_line_that_is_too_long_is_told_and_skipped);
	return unit_run();
}

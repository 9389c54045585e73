/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/rate_limit.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;

static void setup(void)
{
	tree_create(&tree);
}

static void teardown(void)
{
	tree_destroy(&tree);
}

/* Of burst 2 and one a minute; each row one question. */
static const struct {
	time_t at;
	bool granted;
} questions[] = { { 1000, true }, { 1000, true }, { 1000, false }, { 1030, false }, { 1061, true },
	{ 1061, false }, { 1121, true }, { 5000, true }, { 5000, true }, { 5000, false },
	/* A clock that was set back grants nothing and takes nothing. */
	{ 100, false }, { 161, true } };

START_TEST(writes_are_granted_at_a_rate)
{
	for (size_t i = 0; i < COUNT(questions); i++) {
		char row[32];

		snprintf(row, sizeof(row), "question %zu", i);
		SAME(row, rate_limit_take(tree.fd, 2, 60, questions[i].at), questions[i].granted);
	}
}
END_TEST

START_TEST(where_the_spool_cannot_tell_it_is_granted)
{
	ck_assert(rate_limit_take(-1, 1, 60, 1000));
	ck_assert(rate_limit_take(-1, 1, 60, 1000));
	ck_assert(rate_limit_take(tree.fd, 1, 60, 1000));
	ck_assert(!rate_limit_take(tree.fd, 1, 60, 1000));
	/* What is in the file is not what we wrote. */
	ck_assert_int_eq(unlinkat(tree.fd, ".rate", 0), 0);
	ck_assert_int_eq(mkfifoat(tree.fd, ".rate", 0600), 0);
	ck_assert(rate_limit_take(tree.fd, 1, 60, 1000));
}
END_TEST

/* A file that another node left damaged. */
START_TEST(a_time_that_cannot_be_grants_the_burst)
{
	const struct {
		double left;
		int64_t at_s;
	} odd = { 0, INT64_MIN };
	int fd = openat(tree.fd, ".rate", O_WRONLY | O_CREAT, 0600);

	ck_assert_int_eq(write(fd, &odd, sizeof(odd)), sizeof(odd));
	close(fd);
	ck_assert(rate_limit_take(tree.fd, 2, 60, 1000));
	ck_assert(rate_limit_take(tree.fd, 2, 60, 1000));
	ck_assert(!rate_limit_take(tree.fd, 2, 60, 1000));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("rate_limit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, writes_are_granted_at_a_rate);
	tcase_add_test(tc, where_the_spool_cannot_tell_it_is_granted);
	tcase_add_test(tc, a_time_that_cannot_be_grants_the_burst);
	return unit_run();
}

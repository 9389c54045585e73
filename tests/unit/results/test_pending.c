/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "results/pending.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static time_t now;

static void setup(void)
{
	tree_create(&tree);
	now = time(NULL);
}

static void teardown(void)
{
	tree_destroy(&tree);
}

static void age(const char *name, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = now - seconds },
		{ .tv_sec = now - seconds } };

	ck_assert_int_eq(utimensat(tree.fd, name, times, 0), 0);
}

struct answers {
	enum pending_result of_7, of_others;
	unsigned n;
};

static enum pending_result answer(uint32_t job, void *arg)
{
	struct answers *a = arg;

	a->n++;
	return job == 7 ? a->of_7 : a->of_others;
}

/* How many jobs a round looked at. */
static unsigned round_of(enum pending_result of_7, enum pending_result of_others, int rc)
{
	struct answers a = { of_7, of_others, 0 };

	ck_assert_int_eq(pending_round(tree.fd, answer, &a), rc);
	return a.n;
}

static void two_jobs(void)
{
	ck_assert_int_eq(mkdirat(tree.fd, "7", 0700), 0);
	ck_assert_int_eq(mkdirat(tree.fd, "8", 0700), 0);
	age("7", 300);
	age("8", 300);
}

START_TEST(a_round_is_of_what_changed_since_the_last)
{
	two_jobs();
	SAME("first", round_of(PENDING_DONE, PENDING_DONE, 0), 2);
	SAME("second", round_of(PENDING_DONE, PENDING_DONE, 0), 0);
	age("8", 0);
	SAME("third", round_of(PENDING_DONE, PENDING_DONE, 0), 1);
	/* What was written just before a round began may have been written behind its back. */
	age("8", 30);
	SAME("overlap", round_of(PENDING_DONE, PENDING_DONE, 0), 1);
	age("8", 90);
	SAME("old", round_of(PENDING_DONE, PENDING_DONE, 0), 0);
}
END_TEST

START_TEST(a_round_that_was_stopped_counts_as_not_made)
{
	two_jobs();
	SAME("stopped", round_of(PENDING_STOP, PENDING_STOP, -ECANCELED), 1);
	SAME("again", round_of(PENDING_DONE, PENDING_DONE, 0), 2);
}
END_TEST

START_TEST(one_that_is_for_later_does_not_hold_up_the_others)
{
	two_jobs();
	SAME("first", round_of(PENDING_RETRY, PENDING_DONE, 0), 2);
	/* However often it fails, only that one is looked at. */
	SAME("second", round_of(PENDING_RETRY, PENDING_DONE, 0), 1);
	SAME("third", round_of(PENDING_DONE, PENDING_DONE, 0), 1);
	SAME("fourth", round_of(PENDING_DONE, PENDING_DONE, 0), 0);
	/* A job that expired meanwhile is forgotten. */
	age("7", 0);
	SAME("fifth", round_of(PENDING_RETRY, PENDING_DONE, 0), 1);
	ck_assert_int_eq(unlinkat(tree.fd, "7", AT_REMOVEDIR), 0);
	SAME("sixth", round_of(PENDING_RETRY, PENDING_DONE, 0), 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("pending");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_round_is_of_what_changed_since_the_last);
	tcase_add_test(tc, a_round_that_was_stopped_counts_as_not_made);
	tcase_add_test(tc, one_that_is_for_later_does_not_hold_up_the_others);
	return unit_run();
}

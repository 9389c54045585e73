/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "results/expire.h"
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

static bool exists(const char *name)
{
	return faccessat(tree.fd, name, F_OK, 0) == 0;
}

static void age(const char *name, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = now - seconds },
		{ .tv_sec = now - seconds } };

	ck_assert_int_eq(utimensat(tree.fd, name, times, 0), 0);
}

static void job(unsigned number, unsigned files, time_t seconds)
{
	char name[32];

	snprintf(name, sizeof(name), "%u", number);
	ck_assert_int_eq(mkdirat(tree.fd, name, 0700), 0);
	for (unsigned i = 0; i < files; i++) {
		int fd;

		snprintf(name, sizeof(name), "%u/%u.n1.json", number, i);
		fd = openat(tree.fd, name, O_WRONLY | O_CREAT, 0600);
		ck_assert_int_ge(fd, 0);
		close(fd);
	}
	snprintf(name, sizeof(name), "%u", number);
	age(name, seconds);
}

/* Pieces until nothing is left to do; how many. */
static unsigned pass(void)
{
	unsigned pieces = 1;
	int rc;

	while ((rc = expire_piece(tree.fd, 10 * NS_PER_S)) == 0)
		ck_assert_uint_lt(pieces++, 1000);
	ck_assert_int_eq(rc, 1);
	return pieces;
}

static unsigned jobs_left(unsigned first, unsigned last)
{
	unsigned n = 0;

	for (unsigned i = first; i <= last; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		n += exists(name) ? 1 : 0;
	}
	return n;
}

START_TEST(old_jobs_go)
{
	job(7, 1, EXPIRE_AGE_S + 1);
	job(8, 1, EXPIRE_AGE_S - 60);
	ck_assert_int_eq(mkdirat(tree.fd, "keep", 0700), 0);
	ck_assert_int_eq(mkdirat(tree.fd, ".job-9-old-n1.1.1", 0700), 0);
	age("keep", 2 * EXPIRE_AGE_S);
	age(".job-9-old-n1.1.1", 2 * EXPIRE_AGE_S);
	pass();
	ck_assert(!exists("7") && exists("8/0.n1.json") && exists("keep"));
	/* What was moved aside goes, too. */
	ck_assert(!exists(".job-9-old-n1.1.1"));
	/* Not again within the hour. */
	age("8", EXPIRE_AGE_S + 1);
	pass();
	ck_assert(exists("8"));
	age(".expire", EXPIRE_EVERY_S + 1);
	pass();
	ck_assert(!exists("8"));
}
END_TEST

START_TEST(many_old_jobs_go_in_pieces)
{
	unsigned pieces;

	for (unsigned i = 1; i <= 3 * EXPIRE_PIECE; i++)
		job(i, 1, EXPIRE_AGE_S + (time_t)i);
	job(99999, 1, 60);
	pieces = pass();
	/* Each was bounded, and together they were enough. */
	ck_assert_uint_ge(pieces, 3);
	SAME("left", jobs_left(1, 3 * EXPIRE_PIECE), 0);
	ck_assert(exists("99999"));
}
END_TEST

START_TEST(a_piece_ends_in_time)
{
	for (unsigned i = 1; i <= 50; i++)
		job(i, 1, EXPIRE_AGE_S + 1);
	/* Without any time nothing is done, and the pass is not over. */
	ck_assert_int_eq(expire_piece(tree.fd, 0), 0);
	SAME("left", jobs_left(1, 50), 50);
	pass();
	SAME("left", jobs_left(1, 50), 0);
}
END_TEST

START_TEST(a_job_of_many_files_goes)
{
	job(7, 5 * EXPIRE_FILES, EXPIRE_AGE_S + 1);
	ck_assert_int_eq(expire_piece(tree.fd, 10 * NS_PER_S), 0);
	ck_assert(exists("7"));
	age("7", EXPIRE_AGE_S + 1);
	for (int i = 0; i < 20 && exists("7"); i++) {
		expire_piece(tree.fd, 10 * NS_PER_S);
		if (exists("7"))
			age("7", EXPIRE_AGE_S + 1);
	}
	ck_assert(!exists("7"));
}
END_TEST

START_TEST(what_cannot_be_removed_holds_up_nothing)
{
	ck_assert_int_eq(mkdirat(tree.fd, "7", 0700), 0);
	ck_assert_int_eq(mkdirat(tree.fd, "7/sub", 0700), 0);
	age("7", EXPIRE_AGE_S + 1);
	for (unsigned i = 8; i < 30; i++)
		job(i, 1, EXPIRE_AGE_S + 1);
	pass();
	SAME("left", jobs_left(8, 29), 0);
	ck_assert(exists("7/sub"));
}
END_TEST

START_TEST(the_oldest_of_too_many_go)
{
	for (unsigned i = 1; i <= EXPIRE_JOBS + 5; i++)
		/* The numbers begin anew once in a while: they do not tell which is old. */
		job(i, 0, i <= 5 ? 60 : 120 + (time_t)i % 60);
	age("20000", 5000);
	for (unsigned i = 100; i < 104; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		age(name, 4000);
	}
	pass();
	ck_assert(!exists("20000") && !exists("100") && !exists("103"));
	SAME("left", jobs_left(1, EXPIRE_JOBS + 5), EXPIRE_JOBS);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("expire");

	/* Twenty thousand directories take a minute on a busy disk. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, old_jobs_go);
	tcase_add_test(tc, many_old_jobs_go_in_pieces);
	tcase_add_test(tc, a_piece_ends_in_time);
	tcase_add_test(tc, a_job_of_many_files_goes);
	tcase_add_test(tc, what_cannot_be_removed_holds_up_nothing);
	tcase_add_test(tc, the_oldest_of_too_many_go);
	return unit_run();
}

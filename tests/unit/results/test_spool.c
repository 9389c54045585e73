/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "results/spool.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static char path[128];
static int spool;

static void setup(void)
{
	tree_create(&tree);
	snprintf(path, sizeof(path), "%s/var/spool", tree.path);
	spool = spool_open(path);
	ck_assert_int_ge(spool, 0);
}

static void teardown(void)
{
	close(spool);
	tree_destroy(&tree);
}

static struct step_info facts(uint32_t job, uint32_t restart, const char *step, const char *node)
{
	struct step_info f = { .in_slurm = true, .job = job, .restart = restart, .uid = getuid() };

	snprintf(f.step, sizeof(f.step), "%s", step);
	snprintf(f.node, sizeof(f.node), "%s", node);
	return f;
}

static void write_value(
	uint32_t job, uint32_t restart, const char *step, const char *node, int value)
{
	struct step_info f = facts(job, restart, step, node);
	json_t *record = json_pack("{s:I,s:i}", "job", (json_int_t)job, "value", value);

	ck_assert_int_eq(spool_write(spool, &f, record), 0);
	json_decref(record);
}

static void add_value(const json_t *record, void *sum)
{
	*(json_int_t *)sum += json_integer_value(json_object_get(record, "value"));
}

static json_int_t sum_of(uint32_t job, int *n)
{
	json_int_t sum = 0;

	*n = spool_each_record(spool, job, add_value, &sum);
	return sum;
}

static bool exists(const char *name)
{
	return faccessat(spool, name, F_OK, 0) == 0;
}

static void put(const char *name, const char *text)
{
	int fd = openat(spool, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(steps_nodes_and_runs_are_kept_apart)
{
	int n;

	write_value(7, 0, "0", "n1", 1);
	write_value(7, 0, "0", "n2", 2);
	write_value(7, 0, "batch", "n1", 4);
	write_value(7, 1, "0", "n1", 8);
	write_value(70, 0, "0", "n1", 100);
	ck_assert(exists("7/0.n1.json") && exists("7/batch.n1.json") && exists("7/r1.0.n1.json"));
	SAME("sum", sum_of(7, &n), 15);
	ck_assert_int_eq(n, 4);
	/* The same step again: its newer record. */
	write_value(7, 0, "0", "n1", 1000);
	SAME("sum", sum_of(7, &n), 1014);
	ck_assert_int_eq(n, 4);
	ck_assert_int_eq(spool_each_record(spool, 8, add_value, &n), -ENOENT);
}
END_TEST

START_TEST(what_is_not_a_record_is_passed_over)
{
	int n;

	write_value(7, 0, "0", "n1", 1);
	put("7/1.n1.json", "{\"job\":7,\"val");
	put("7/2.n1.json", "");
	put("7/3.n1.json", "{\"job\":8,\"value\":50}");
	put("7/.4.n1.json.77", "{\"job\":7,\"value\":50}");
	put("7/README", "{\"job\":7,\"value\":50}");
	ck_assert_int_eq(symlinkat("../0.json", spool, "7/5.n1.json"), 0);
	put("0.json", "{\"job\":7,\"value\":50}");
	SAME("sum", sum_of(7, &n), 1);
	ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(only_the_owner_may_look)
{
	struct stat st;

	write_value(7, 0, "0", "n1", 1);
	ck_assert_int_eq(fstat(spool, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0711);
	ck_assert_int_eq(fstatat(spool, "7", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0007, 0);
	ck_assert_int_eq(fstatat(spool, "7/0.n1.json", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0007, 0);
}
END_TEST

START_TEST(a_link_in_a_jobs_place_is_not_followed)
{
	struct step_info f = facts(7, 0, "0", "n1");
	json_t *record = json_object();

	ck_assert_int_eq(symlinkat("/tmp", spool, "7"), 0);
	ck_assert_int_lt(spool_write(spool, &f, record), 0);
	ck_assert_int_lt(spool_each_record(spool, 7, add_value, NULL), 0);
	json_decref(record);
}
END_TEST

static void count_job(uint32_t job, void *arg)
{
	uint64_t *sum = arg;

	*sum += job;
}

START_TEST(jobs_are_listed_by_number)
{
	uint64_t sum = 0;

	write_value(7, 0, "0", "n1", 1);
	write_value(4000000000, 0, "0", "n1", 1);
	ck_assert_int_eq(mkdirat(spool, "5x", 0700), 0);
	ck_assert_int_eq(mkdirat(spool, "99999999999", 0700), 0);
	ck_assert_int_eq(mkdirat(spool, "0", 0700), 0);
	ck_assert_int_eq(spool_each_job(spool, count_job, &sum), 0);
	SAME("sum", sum, 4000000007);
}
END_TEST

START_TEST(published_entries_are_kept_beside_the_records)
{
	json_t *entries = json_pack("{s:{s:i}}", "0", "peak", 5), *back;
	int n;

	ck_assert_ptr_null(spool_published(spool, 7));
	ck_assert_int_lt(spool_note_published(spool, 7, entries), 0);
	write_value(7, 0, "0", "n1", 1);
	ck_assert_ptr_null(spool_published(spool, 7));
	ck_assert_int_eq(spool_note_published(spool, 7, entries), 0);
	back = spool_published(spool, 7);
	ck_assert(json_equal(entries, back));
	SAME("sum", sum_of(7, &n), 1);
	json_decref(back);
	json_decref(entries);
}
END_TEST

/* Of burst 2 and one a minute; each row one question. */
static const struct {
	time_t at;
	bool granted;
} questions[] = { { 1000, true }, { 1000, true }, { 1000, false }, { 1030, false }, { 1061, true },
	{ 1061, false }, { 1121, true }, { 5000, true }, { 5000, true }, { 5000, false },
	/* A clock that was set back grants nothing and takes nothing. */
	{ 100, false }, { 161, true } };

START_TEST(turns_are_granted_at_a_rate)
{
	write_value(7, 0, "0", "n1", 1);
	write_value(8, 0, "0", "n1", 1);
	for (size_t i = 0; i < COUNT(questions); i++) {
		char row[32];

		snprintf(row, sizeof(row), "question %zu", i);
		SAME(row, spool_take_turn(spool, 7, 2, 60, questions[i].at), questions[i].granted);
	}
	/* Each job has its own. */
	ck_assert(spool_take_turn(spool, 8, 2, 60, 5000));
}
END_TEST

START_TEST(where_the_spool_cannot_tell_it_is_ones_turn)
{
	ck_assert(spool_take_turn(-1, 7, 1, 60, 1000));
	ck_assert(spool_take_turn(spool, 7, 1, 60, 1000));
	ck_assert(spool_take_turn(spool, 7, 1, 60, 1000));
	write_value(7, 0, "0", "n1", 1);
	put("7/.turns", "x");
	ck_assert(spool_take_turn(spool, 7, 1, 60, 1000));
	ck_assert(!spool_take_turn(spool, 7, 1, 60, 1000));
}
END_TEST

static void age(const char *name, time_t at)
{
	const struct timespec times[2] = { { .tv_sec = at }, { .tv_sec = at } };

	ck_assert_int_eq(utimensat(spool, name, times, 0), 0);
}

START_TEST(old_jobs_go)
{
	const time_t now = time(NULL);

	write_value(7, 0, "0", "n1", 1);
	write_value(8, 0, "0", "n1", 1);
	put("keep", "");
	age("7", now - SPOOL_AGE_S - 1);
	age("8", now - SPOOL_AGE_S + 60);
	age("keep", now - 2 * SPOOL_AGE_S);
	ck_assert_int_eq(spool_expire(spool, now), 0);
	ck_assert(!exists("7") && exists("8/0.n1.json") && exists("keep"));
	/* Not again within the hour. */
	age("8", now - SPOOL_AGE_S - 1);
	ck_assert_int_eq(spool_expire(spool, now), 0);
	ck_assert(exists("8"));
	ck_assert_int_eq(spool_expire(spool, now + 3601), 0);
	ck_assert(!exists("8"));
}
END_TEST

START_TEST(the_oldest_of_too_many_go)
{
	const time_t now = time(NULL);
	char name[16];

	for (unsigned job = 1; job <= SPOOL_JOBS + 5; job++) {
		snprintf(name, sizeof(name), "%u", job);
		ck_assert_int_eq(mkdirat(spool, name, 0700), 0);
		/* The numbers begin anew once in a while: not they tell which is old. */
		age(name, now - (job <= 5 ? 60 : 120 + (time_t)job % 60));
	}
	age("20000", now - 500);
	for (unsigned job = 100; job < 104; job++) {
		snprintf(name, sizeof(name), "%u", job);
		age(name, now - 400);
	}
	ck_assert_int_eq(spool_expire(spool, now), 0);
	ck_assert(!exists("20000") && !exists("100") && !exists("103"));
	ck_assert(exists("1") && exists("99") && exists("104"));
}
END_TEST

static void count_any(uint32_t job, void *n)
{
	(void)job;
	++*(int *)n;
}

static int round_of(bool done)
{
	int n = 0;

	ck_assert_int_eq(spool_round(spool, count_any, &n), 0);
	(done ? spool_round_done : spool_round_failed)(spool);
	return n;
}

START_TEST(a_round_is_of_what_changed_since_the_last)
{
	const time_t now = time(NULL);

	write_value(7, 0, "0", "n1", 1);
	write_value(8, 0, "0", "n1", 1);
	age("7", now - 300);
	age("8", now - 300);
	ck_assert_int_eq(round_of(false), 2);
	ck_assert_int_eq(round_of(true), 2);
	ck_assert_int_eq(round_of(true), 0);
	age(".round", now - 200);
	write_value(8, 0, "1", "n1", 1);
	ck_assert_int_eq(round_of(false), 1);
	ck_assert_int_eq(round_of(true), 1);
	/* What was written just before the last began may have been written behind its back. */
	ck_assert_int_eq(round_of(true), 1);
	age("8", now - 30);
	ck_assert_int_eq(round_of(true), 1);
	age("8", now - 90);
	ck_assert_int_eq(round_of(true), 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("spool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, steps_nodes_and_runs_are_kept_apart);
	tcase_add_test(tc, what_is_not_a_record_is_passed_over);
	tcase_add_test(tc, only_the_owner_may_look);
	tcase_add_test(tc, a_link_in_a_jobs_place_is_not_followed);
	tcase_add_test(tc, jobs_are_listed_by_number);
	tcase_add_test(tc, published_entries_are_kept_beside_the_records);
	tcase_add_test(tc, turns_are_granted_at_a_rate);
	tcase_add_test(tc, where_the_spool_cannot_tell_it_is_ones_turn);
	tcase_add_test(tc, old_jobs_go);
	tcase_add_test(tc, the_oldest_of_too_many_go);
	tcase_add_test(tc, a_round_is_of_what_changed_since_the_last);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "plugin/raypssd/task_shares.h"
#include "tests/unit/unit.h"

enum { PROCESSES = 2 * TASK_FIGURES_MAX };

static struct task_shares s;
static struct look_process rows[PROCESSES];
static struct look seen;

static void begin(void)
{
	memset(&s, 0, sizeof(s));
	memset(&seen, 0, sizeof(seen));
	seen.sample = sample_unknown(0);
	seen.processes = rows;
}

static void process(int32_t task, uint64_t share)
{
	rows[seen.processes_n++] =
		(struct look_process){ .task = task, .share = share, .rss = share + 1 };
}

static bool look(uint64_t at_ns, uint64_t footprint)
{
	bool told;

	seen.at_ns = at_ns;
	seen.sample.private = footprint;
	seen.sample.processes = seen.processes_n;
	told = task_shares_take(&s, &seen);
	seen.processes_n = 0;
	return told;
}

static uint64_t sum(void)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < s.sample.tasks_n; i++)
		all += s.sample.tasks[i].now;
	return all;
}

#define FIGURE(i, now_, peak_)                                                                     \
	do {                                                                                       \
		SAME("task " #i, s.sample.tasks[i].now, now_);                                     \
		SAME("task " #i, s.sample.tasks[i].peak, peak_);                                   \
	} while (0)

START_TEST(a_task_has_the_shares_of_its_processes)
{
	task_shares_add(&s, 0, 40);
	task_shares_add(&s, 1, 41);
	process(0, 10);
	process(1, 20);
	process(0, 5);
	ck_assert(look(7, 35));
	ck_assert_uint_eq(s.sample.at_ns, 7);
	ck_assert_uint_eq(s.sample.footprint, 35);
	ck_assert_uint_eq(s.sample.tasks[1].task, 41);
	FIGURE(0, 15, 15);
	FIGURE(1, 20, 20);
	process(0, 30);
	process(1, 2);
	ck_assert(look(8, 32));
	FIGURE(0, 30, 30);
	FIGURE(1, 2, 20);
}
END_TEST

START_TEST(what_is_nobodys_is_spread_by_shares)
{
	task_shares_add(&s, 0, 0);
	task_shares_add(&s, 1, 1);
	process(0, 10);
	process(1, 30);
	process(NO_TASK, 40);
	process(2, 40); /* no such task */
	ck_assert(look(1, 120));
	FIGURE(0, 30, 30);
	FIGURE(1, 90, 90);
}
END_TEST

START_TEST(what_is_nobodys_is_spread_evenly_over_tasks_without_shares)
{
	for (uint32_t i = 0; i < 4; i++)
		task_shares_add(&s, i, i);
	for (int32_t i = 0; i < 4; i++)
		process(i, 0);
	process(NO_TASK, 100);
	ck_assert(look(1, 101));
	ck_assert_uint_eq(sum(), 101);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_ge(s.sample.tasks[i].now, 25);
}
END_TEST

START_TEST(an_ended_task_keeps_its_last_figures)
{
	task_shares_add(&s, 0, 0);
	task_shares_add(&s, 1, 1);
	process(0, 10);
	process(1, 20);
	ck_assert(look(1, 30));
	rows[seen.processes_n++] = (struct look_process){ .task = 1 }; /* a zombie */
	process(0, 8);
	ck_assert(look(2, 9));
	FIGURE(0, 9, 10);
	FIGURE(1, 20, 20);
}
END_TEST

/* A process that also has memory of its own, which its share includes. */
static void owner(int32_t task, uint64_t share, uint64_t private)
{
	process(task, share);
	rows[seen.processes_n - 1].private = private;
}

/* Tasks 0 and 1 share a store of 100, task 2 ends first. */
START_TEST(what_a_task_leaves_behind_is_not_the_others_at_once)
{
	for (uint32_t i = 0; i < 3; i++)
		task_shares_add(&s, i, i);
	owner(0, 60, 10);
	owner(1, 70, 20);
	owner(2, 30, 30);
	ck_assert(look(1, 160));
	/* The totals still have the memory of task 2. */
	owner(0, 60, 10);
	owner(1, 70, 20);
	ck_assert(look(2, 160));
	FIGURE(0, 60, 60);
	FIGURE(1, 70, 70);
	ck_assert_uint_eq(s.sample.footprint, 160);
	/* Task 0 has all of the store, and grows by 5. */
	owner(0, 115, 15);
	ck_assert(look(3, 115));
	FIGURE(0, 65, 65);
	owner(0, 113, 13);
	ck_assert(look(4, 113));
	FIGURE(0, 65, 65);
	owner(0, 18, 18);
	ck_assert(look(5, 18));
	FIGURE(0, 18, 65);
	/* Whoever still has it after a while has it. */
	owner(0, 118, 18);
	ck_assert(look(3 + TASK_SHARES_SETTLE_NS, 118));
	FIGURE(0, 118, 118);
}
END_TEST

/* The growth of a task is that of all its processes, also of their swapped memory. */
START_TEST(growth_after_an_end_is_that_of_all_processes_of_a_task)
{
	task_shares_add(&s, 0, 0);
	task_shares_add(&s, 1, 1);
	owner(0, 30, 30);
	owner(1, 10, 10);
	owner(1, 10, 10);
	ck_assert(look(1, 50));
	owner(1, 14, 14);
	owner(1, 26, 12);
	rows[1].swap = 3;
	ck_assert(look(2, 40));
	FIGURE(1, 29, 29);
	FIGURE(0, 30, 30);
}
END_TEST

/* What a task begins to map after another's end is its own need, up to its part. */
START_TEST(a_store_that_is_new_counts_at_once)
{
	process(0, 10);
	process(1, 10);
	task_shares_add(&s, 0, 0);
	task_shares_add(&s, 1, 1);
	ck_assert(look(1, 20));
	process(0, 10);
	ck_assert(look(2, 20));
	FIGURE(0, 10, 10);
	process(0, 100);
	rows[0].shmem = 70;
	ck_assert(look(3, 110));
	FIGURE(0, 80, 80);
	process(0, 100);
	rows[0].shmem = 90;
	ck_assert(look(4, 100));
	FIGURE(0, 100, 100);
}
END_TEST

/* Between two looks one task ends, and another begins. */
START_TEST(an_end_beside_a_beginning_is_seen)
{
	for (uint32_t i = 0; i < 3; i++)
		task_shares_add(&s, i, i);
	process(0, 50);
	process(1, 50);
	ck_assert(look(1, 100));
	process(0, 100);
	owner(2, 20, 20);
	ck_assert(look(2, 120));
	FIGURE(0, 50, 50);
	FIGURE(2, 20, 20);
}
END_TEST

/* The first figure of a task that begins then has nothing to be compared with. */
START_TEST(a_task_that_begins_at_an_end_has_its_part)
{
	for (uint32_t i = 0; i < 3; i++)
		task_shares_add(&s, i, i);
	process(0, 10);
	process(1, 10);
	ck_assert(look(1, 20));
	process(0, 10);
	ck_assert(look(2, 10));
	process(0, 10);
	owner(2, 20, 20);
	ck_assert(look(3, 30));
	FIGURE(0, 10, 10);
	FIGURE(2, 20, 20);
}
END_TEST

START_TEST(a_look_that_says_nothing_tells_nothing)
{
	task_shares_add(&s, 0, 0);
	ck_assert(!look(1, 50));
	process(NO_TASK, 10);
	ck_assert(!look(2, 50));
	/* The totals are those of a step without processes. */
	process(0, 10);
	seen.sample.processes = 0;
	ck_assert(!task_shares_take(&s, &seen));
	FIGURE(0, UNKNOWN, UNKNOWN);
	ck_assert_uint_eq(s.sample.at_ns, 0);
}
END_TEST

/* For three seconds after an end a task grows by what is its own: that may be in swap. */
START_TEST(what_a_task_has_in_swap_is_its_own)
{
	task_shares_add(&s, 0, 0);
	task_shares_add(&s, 1, 1);
	process(0, 10);
	process(1, 10);
	ck_assert(look(1, 20));
	process(0, 20);
	ck_assert(look(2, 20));
	FIGURE(0, 10, 10);
	process(0, 20);
	rows[0].swap = 4;
	ck_assert(look(3, 20));
	FIGURE(0, 14, 14);
}
END_TEST

START_TEST(tasks_that_are_not_known_yet_are_unknown)
{
	task_shares_add(&s, 2, 12);
	ck_assert_uint_eq(s.sample.tasks_n, 3);
	process(2, 10);
	process(0, 10);
	ck_assert(look(1, 20));
	FIGURE(0, UNKNOWN, UNKNOWN);
	FIGURE(2, 20, 20);
	task_shares_add(&s, 0, 10);
	task_shares_add(&s, TASK_FIGURES_MAX, 1);
	ck_assert_uint_eq(s.sample.tasks_n, 3);
	ck_assert_uint_eq(s.sample.tasks[2].task, 12);
}
END_TEST

/* No byte is lost or invented, whatever the numbers: also where a double cannot hold their sum. */
START_TEST(the_sum_is_the_footprint)
{
	for (uint32_t i = 0; i < TASK_FIGURES_MAX; i++)
		task_shares_add(&s, i, i);
	for (int round = 0; round < 200; round++) {
		uint64_t footprint = (uint64_t)unit_random() * unit_random() >> (round % 40);

		for (int i = TASK_FIGURES_MAX - 1; i >= 0; i--)
			process(i, round % 7 ? (uint64_t)unit_random() << unit_random() % 30 : 0);
		process(NO_TASK, unit_random());
		ck_assert(look(1, footprint));
		ck_assert_uint_eq(sum(), footprint);
	}
}
END_TEST

START_TEST(peaks_outlive_raypssd)
{
	static struct task_figures told;

	task_shares_add(&s, 0, 7);
	process(0, 50);
	ck_assert(look(1, 50));
	process(0, 20);
	ck_assert(look(2, 20));
	task_figures_write(&told, &s.sample);
	memset(&s, 0, sizeof(s));
	task_shares_resume(&s, &told);
	task_shares_add(&s, 0, 7);
	FIGURE(0, 20, 50);
	memset(&told, 0, sizeof(told));
	task_shares_resume(&s, &told);
	ck_assert_uint_eq(s.sample.tasks_n, 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("task_shares");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_task_has_the_shares_of_its_processes);
	tcase_add_test(tc, what_is_nobodys_is_spread_by_shares);
	tcase_add_test(tc, what_is_nobodys_is_spread_evenly_over_tasks_without_shares);
	tcase_add_test(tc, an_ended_task_keeps_its_last_figures);
	tcase_add_test(tc, what_a_task_leaves_behind_is_not_the_others_at_once);
	tcase_add_test(tc, growth_after_an_end_is_that_of_all_processes_of_a_task);
	tcase_add_test(tc, a_task_that_begins_at_an_end_has_its_part);
	tcase_add_test(tc, a_store_that_is_new_counts_at_once);
	tcase_add_test(tc, an_end_beside_a_beginning_is_seen);
	tcase_add_test(tc, a_look_that_says_nothing_tells_nothing);
	tcase_add_test(tc, what_a_task_has_in_swap_is_its_own);
	tcase_add_test(tc, tasks_that_are_not_known_yet_are_unknown);
	tcase_add_test(tc, the_sum_is_the_footprint);
	tcase_add_test(tc, peaks_outlive_raypssd);
	return unit_run();
}

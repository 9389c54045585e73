/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes whose main thread has left, and processes that have not executed anything yet. */
#include <stdio.h>
#include <unistd.h>

#include "base/kernel_stack.h"
#include "tests/unit/looks.h"
#include "tests/unit/unit.h"

enum { LEADER = 10, THREAD = 11, OTHER = 12, START = 77 };

static void member(pid_t pid)
{
	process_add(table, pid)->row->start = START;
}

/* The leader as /proc shows it with that many threads, itself among them: without memory. */
static void leader_left(unsigned threads)
{
	tree_process(&tree,
		&(struct fake){ .pid = LEADER, .ppid = 1, .start = START, .threads = threads });
}

/* A thread is in its process's task directory; its own directory in /proc is not listed. */
static void thread(pid_t tid, unsigned rss)
{
	char name[32];

	snprintf(name, sizeof(name), "task/%d/stat", tid);
	tree_write(&tree, LEADER, name, "");
	tree_process(&tree,
		&(struct fake){ .pid = tid,
			.ppid = 1,
			.start = START + 5,
			.size = 9000,
			.rss = rss,
			.shared = 100,
			.pte_kib = 40 });
}

static void thread_end(pid_t tid)
{
	char name[32];

	snprintf(name, sizeof(name), "task/%d/stat", tid);
	tree_remove(&tree, LEADER, name);
	tree_remove(&tree, tid, NULL);
}

START_TEST(a_living_thread_shows_the_memory_of_a_process_without_its_leader)
{
	member(LEADER);
	leader_left(2);
	thread(THREAD, 1100);
	look(10000);
	ck_assert_uint_eq(sample.processes, 1);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.rss, 1100 * pages);
	ck_assert_uint_ge(sample.kernel, 40 * KIB);
	ck_assert_int_eq(process_at(table, 0)->row->pid, LEADER);
}
END_TEST

START_TEST(the_leader_may_leave_while_it_is_accounted)
{
	member(LEADER);
	tree_process(&tree,
		&(struct fake){
			.pid = LEADER, .ppid = 1, .start = START, .size = 9000, .rss = 500 });
	look(10000);
	ck_assert_uint_eq(sample.private, 500 * pages);
	leader_left(2);
	thread(THREAD, 1100);
	look(11000);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	thread(THREAD, 2100);
	look(12000);
	ck_assert_uint_eq(sample.private, 2000 * pages);
}
END_TEST

START_TEST(another_thread_follows_one_that_shows_no_memory_any_more)
{
	member(LEADER);
	leader_left(3);
	thread(THREAD, 1100);
	thread(OTHER, 1100);
	look(10000);
	/* Whichever was chosen. */
	tree_write(&tree, process_at(table, 0)->via, "statm", "0 0 0 0 0 0 0\n");
	look(11000);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.processes, 1);
}
END_TEST

START_TEST(with_the_last_thread_the_process_ends)
{
	member(LEADER);
	leader_left(2);
	thread(THREAD, 1100);
	look(10000);
	leader_left(1);
	tree_write(&tree, THREAD, "statm", "0 0 0 0 0 0 0\n");
	thread_end(THREAD);
	look(11000);
	ck_assert_uint_eq(sample.processes, 0);
	ck_assert_uint_eq(sample.private, 0);
	/* A zombie without threads is not asked again: what stands there now goes unnoticed. */
	leader_left(2);
	thread(THREAD, 1100);
	look(12000);
	ck_assert_uint_eq(sample.processes, 0);
}
END_TEST

START_TEST(after_an_exec_the_process_shows_its_memory_itself)
{
	member(LEADER);
	leader_left(2);
	thread(THREAD, 1100);
	look(10000);
	tree_write(&tree, THREAD, "statm", "0 0 0 0 0 0 0\n");
	thread_end(THREAD);
	tree_process(&tree,
		&(struct fake){
			.pid = LEADER, .ppid = 1, .start = START, .size = 9000, .rss = 300 });
	look(11000);
	ck_assert_uint_eq(sample.private, 300 * pages);
}
END_TEST

START_TEST(a_reused_pid_is_not_the_process_whose_thread_ended)
{
	member(LEADER);
	leader_left(2);
	thread(THREAD, 1100);
	look(10000);
	close(process_at(table, 0)->statm_fd);
	process_at(table, 0)->statm_fd = -1;
	thread_end(THREAD);
	tree_process(&tree,
		&(struct fake){
			.pid = LEADER, .ppid = 1, .start = START + 9, .size = 9000, .rss = 300 });
	look(11000);
	ck_assert_uint_eq(sample.processes, 0);
	ck_assert_uint_eq(process_count(table), 0);
}
END_TEST

enum { LAUNCHER = 20, TASK = 21 };

/* slurmstepd, and a task that it has forked. */
static void forked_task(void)
{
	tree_process(&tree,
		&(struct fake){ .pid = LAUNCHER, .stack = 5000, .size = 90000, .rss = 12000 });
	procfs_launcher(procfs, LAUNCHER);
	member(TASK);
	tree_process(&tree,
		&(struct fake){ .pid = TASK,
			.ppid = LAUNCHER,
			.start = START,
			.stack = 5000,
			.size = 90000,
			.rss = 12000,
			.pte_kib = 200,
			.threads = 1,
			.hwm_kib = 48000 });
}

START_TEST(a_task_that_has_not_executed_anything_has_no_memory_of_the_step)
{
	forked_task();
	for (uint64_t ms = 10000; ms < 10300; ms += 100) {
		look(ms);
		ck_assert_uint_eq(sample.processes, 1);
		/* Its stack in the kernel stays its own. */
		ck_assert_uint_eq(sample_footprint(&sample), sample.kernel);
		ck_assert_uint_eq(sample.kernel, kernel_stack_bytes(page_size()));
		ck_assert_uint_eq(sample.rss, 0);
		ck_assert_uint_eq(procfs_bound(procfs), sample.kernel);
	}
}
END_TEST

START_TEST(a_task_counts_from_its_exec_on)
{
	forked_task();
	look(10000);
	tree_process(&tree,
		&(struct fake){ .pid = TASK,
			.ppid = LAUNCHER,
			.start = START,
			.stack = 7000,
			.size = 2000,
			.rss = 100 });
	look(10001);
	ck_assert_uint_eq(sample.private, 100 * pages);
	ck_assert_uint_eq(sample.rss, 100 * pages);
}
END_TEST

START_TEST(a_launcher_whose_addresses_are_hidden_has_no_copies)
{
	tree_process(&tree, &(struct fake){ .pid = LAUNCHER, .size = 90000, .rss = 12000 });
	procfs_launcher(procfs, LAUNCHER);
	member(TASK);
	tree_process(
		&tree, &(struct fake){ .pid = TASK, .start = START, .size = 90000, .rss = 12000 });
	look(10000);
	ck_assert_uint_eq(sample.private, 12000 * pages);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("statm");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_living_thread_shows_the_memory_of_a_process_without_its_leader);
	tcase_add_test(tc, the_leader_may_leave_while_it_is_accounted);
	tcase_add_test(tc, another_thread_follows_one_that_shows_no_memory_any_more);
	tcase_add_test(tc, with_the_last_thread_the_process_ends);
	tcase_add_test(tc, after_an_exec_the_process_shows_its_memory_itself);
	tcase_add_test(tc, a_reused_pid_is_not_the_process_whose_thread_ended);
	tcase_add_test(tc, a_task_that_has_not_executed_anything_has_no_memory_of_the_step);
	tcase_add_test(tc, a_task_counts_from_its_exec_on);
	tcase_add_test(tc, a_launcher_whose_addresses_are_hidden_has_no_copies);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "measure/procfs/task_roots.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct task_roots roots;

static void begin(void)
{
	tree_create(&tree);
	table = process_table_create(64);
	roots = (struct task_roots){ 0 };
}

static void end(void)
{
	task_roots_clear(&roots);
	process_table_destroy(table);
	tree_destroy(&tree);
}

/* A process of the step; env: its whole environment, or NULL. */
static void process(pid_t pid, pid_t ppid, const char *env, size_t len)
{
	struct process *p = process_add(table, pid);

	tree_process(&tree, &(struct fake){ .pid = pid, .ppid = ppid, .start = (uint64_t)pid });
	p->row->ppid = ppid;
	p->row->start = (uint64_t)pid;
	if (env)
		tree_write_bytes(&tree, pid, "environ", env, len);
}
#define ENV(text) text, sizeof(text)

static int task_of(pid_t pid)
{
	task_roots_assign(&roots, tree.fd, table);
	return process_find(table, pid)->row->task;
}

START_TEST(who_descends_from_a_task_belongs_to_it)
{
	/* Children stand before their parents. */
	process(502, 501, NULL, 0);
	process(501, 500, NULL, 0);
	process(500, 1, NULL, 0);
	process(600, 1, NULL, 0);
	process(601, 600, NULL, 0);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, 0), 0);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 600, 7), 0);
	ck_assert_int_eq(task_of(500), 0);
	ck_assert_int_eq(task_of(502), 0);
	ck_assert_int_eq(task_of(600), 7);
	ck_assert_int_eq(task_of(601), 7);
	/* Whoever its parent becomes. */
	process_find(table, 502)->row->ppid = 600;
	ck_assert_int_eq(task_of(502), 0);
}
END_TEST

/* The members of a control group can be seen before raypssd is told of their task. */
START_TEST(a_process_that_was_seen_before_its_task_was_told_belongs_to_it)
{
	process(500, 1, ENV(""));
	process(600, 1, ENV(""));
	process(601, 600, NULL, 0);
	process(700, 1, ENV(""));
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, 0), 0);
	ck_assert_int_eq(task_of(600), NO_TASK);
	ck_assert_int_eq(task_of(601), NO_TASK);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 600, 1), 0);
	ck_assert_int_eq(task_of(600), 1);
	ck_assert_int_eq(task_of(601), 1);
	ck_assert_int_eq(task_of(500), 0);
	ck_assert_int_eq(task_of(700), NO_TASK);
}
END_TEST

START_TEST(a_task_is_known_again_after_it_was_no_member)
{
	process(500, 1, NULL, 0);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, 3), 0);
	ck_assert_int_eq(task_of(500), 3);
	process_remove(table, process_find(table, 500));
	process(500, 1, NULL, 0);
	ck_assert_int_eq(task_of(500), 3);
	/* Another process has the number now. */
	process_remove(table, process_find(table, 500));
	process(500, 1, NULL, 0);
	process_find(table, 500)->row->start = 9999;
	ck_assert_int_eq(task_of(500), NO_TASK);
}
END_TEST

START_TEST(who_lost_its_parent_is_asked_for_its_environment)
{
	static const struct {
		const char *env;
		size_t len;
		int task;
	} rows[] = {
		{ ENV("A=1\0SLURM_LOCALID=5\0B=2"), 5 },
		{ ENV("SLURM_LOCALID=0"), 0 },
		{ "SLURM_LOCALID=12", 16, 12 },
		{ ENV("XSLURM_LOCALID=5"), NO_TASK },
		{ ENV("SLURM_LOCALID="), NO_TASK },
		{ ENV("SLURM_LOCALID=\0"
		      "7"),
			NO_TASK },
		{ ENV("SLURM_LOCALID=-1"), NO_TASK },
		{ ENV("SLURM_LOCALID=4096"), NO_TASK },
		{ ENV("SLURM_LOCALID=99999999999999999999"), NO_TASK },
		{ ENV(""), NO_TASK },
		{ "SLURM_LOCALID", 13, NO_TASK },
	};

	process(500, 1, NULL, 0);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, 0), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		pid_t pid = (pid_t)(700 + i);

		process(pid, 1, rows[i].env, rows[i].len);
		ck_assert_msg(task_of(pid) == rows[i].task, "row %zu: %d", i,
			process_find(table, pid)->row->task);
	}
	process(800, 1, NULL, 0);
	ck_assert_int_eq(task_of(800), NO_TASK);
}
END_TEST

START_TEST(a_task_that_cannot_be_is_refused)
{
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, 0), -ESRCH);
	process(500, 1, NULL, 0);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, -1), -EINVAL);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, TASK_ROOTS_MAX), -EINVAL);
	for (int i = 0; i < TASK_ROOTS_MAX; i++)
		ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, i), 0);
	ck_assert_int_eq(task_roots_add(&roots, tree.fd, 500, 0), -ENOSPC);
}
END_TEST

START_TEST(without_tasks_nobody_is_asked)
{
	process(700, 1, ENV("SLURM_LOCALID=5"));
	ck_assert_int_eq(task_of(700), NO_TASK);
	ck_assert(!process_find(table, 700)->task_known);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("task_roots");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, who_descends_from_a_task_belongs_to_it);
	tcase_add_test(tc, a_process_that_was_seen_before_its_task_was_told_belongs_to_it);
	tcase_add_test(tc, a_task_is_known_again_after_it_was_no_member);
	tcase_add_test(tc, who_lost_its_parent_is_asked_for_its_environment);
	tcase_add_test(tc, a_task_that_cannot_be_is_refused);
	tcase_add_test(tc, without_tasks_nobody_is_asked);
	return unit_run();
}

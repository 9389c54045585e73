/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/units.h"
#include "base/unknown.h"
#include "plugin/raypssd/notify.h"
#include "tests/unit/plugin/children.h"
#include "tests/unit/unit.h"

static struct notify n;

/* notify=USR1@80%, of a job of uid; this process is slurmstepd. */
static void begin_for(uid_t uid)
{
	notify_init(&n, SIGUSR1, 0.8, uid, getpid());
}

static void begin(void)
{
	begin_for(getuid());
}

static const struct look empty;

/* A look in which the footprint is so many MiB of 100. */
static unsigned reaches(unsigned mib)
{
	return notify_check(&n, &empty, mib * MIB, 100 * MIB);
}

static struct handling_child start_handling(void)
{
	static const int signals[] = { SIGUSR1 };

	return child_start_handling(signals, 1);
}

static void add(pid_t pid)
{
	ck_assert_int_eq(notify_add(&n, pid, child_start_time(pid)), 0);
}

START_TEST(tasks_are_signalled_once_for_each_time_that_the_part_is_reached)
{
	struct handling_child one = start_handling(), other = start_handling();
	char line[256];

	begin();
	add(one.pid);
	add(other.pid);
	ck_assert_uint_eq(reaches(79), 0);
	ck_assert_uint_eq(notify_check(&n, &empty, 500 * MIB, UNKNOWN), 0);
	ck_assert_uint_eq(notify_check(&n, &empty, UNKNOWN, 100 * MIB), 0);
	ck_assert_uint_eq(reaches(80), 2);
	child_wait_received(&one, 1);
	child_wait_received(&other, 1);
	/* Not again before the footprint has fallen by 10 points. */
	ck_assert_uint_eq(reaches(90), 0);
	ck_assert_uint_eq(reaches(70), 0);
	ck_assert_uint_eq(reaches(95), 0);
	ck_assert_uint_eq(reaches(69), 0);
	ck_assert_uint_eq(reaches(85), 2);
	child_wait_received(&one, 2);
	ck_assert_ptr_null(notify_complaint(&n, line, sizeof(line)));
	child_end(one.pid);
	child_end(other.pid);
}
END_TEST

START_TEST(a_small_part_is_reached_again_after_half_of_it)
{
	struct handling_child task = start_handling();

	notify_init(&n, SIGUSR1, 0.1, getuid(), getpid());
	add(task.pid);
	ck_assert_uint_eq(reaches(10), 1);
	ck_assert_uint_eq(reaches(5), 0);
	ck_assert_uint_eq(reaches(10), 0);
	ck_assert_uint_eq(reaches(4), 0);
	ck_assert_uint_eq(reaches(10), 1);
	child_end(task.pid);
}
END_TEST

START_TEST(a_task_without_a_handler_is_left_alone_and_told_of)
{
	pid_t plain = child_start();
	char line[256];

	begin();
	add(plain);
	ck_assert_uint_eq(reaches(80), 0);
	ck_assert_str_eq(notify_complaint(&n, line, sizeof(line)),
		"notify: signal USR1 was not sent to 1 of 1 tasks at 80 % of the limit: no process "
		"there has a handler, and the signal would have ended it");
	ck_assert_int_eq(child_end(plain), SIGKILL);
}
END_TEST

/* As bash does with a trap for EXIT: its handler cleans up, and then it ends by the signal. */
START_TEST(a_process_that_handles_whatever_would_end_it_is_left_alone)
{
	static const int signals[] = { SIGHUP, SIGTRAP, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM,
		SIGSYS };
	struct handling_child shell = child_start_handling(signals, COUNT(signals));

	begin();
	add(shell.pid);
	ck_assert_uint_eq(reaches(80), 0);
	child_wait_received(&shell, 0);
	child_end(shell.pid);
}
END_TEST

/* A wrapper without a handler, below it a process without one, then two that handle the signal. */
START_TEST(the_first_process_below_that_has_a_handler_is_signalled)
{
	pid_t task = child_start(), middle = child_start();
	struct handling_child near = start_handling(), far = start_handling();
	const struct look_process processes[] = {
		{ .pid = far.pid, .ppid = near.pid, .start = child_start_time(far.pid) },
		{ .pid = near.pid, .ppid = middle, .start = child_start_time(near.pid) },
		{ .pid = middle, .ppid = task, .start = child_start_time(middle) },
		{ .pid = task, .ppid = 1, .start = child_start_time(task) },
	};
	const struct look look = { .processes = processes, .processes_n = COUNT(processes) };

	begin();
	add(task);
	ck_assert_uint_eq(notify_check(&n, &look, 80 * MIB, 100 * MIB), 1);
	child_wait_received(&near, 1);
	child_wait_received(&far, 0);
	ck_assert_int_eq(child_end(task), SIGKILL);
	ck_assert_int_eq(child_end(middle), SIGKILL);
	child_end(near.pid);
	child_end(far.pid);
}
END_TEST

/* Parents that lead in a circle, and a pid that the look saw twice. */
START_TEST(a_look_that_is_no_tree_ends_the_search)
{
	pid_t task = child_start();
	const struct look_process processes[] = {
		{ .pid = task, .ppid = task },
		{ .pid = task, .ppid = task },
	};
	const struct look look = { .processes = processes, .processes_n = COUNT(processes) };

	begin();
	add(task);
	ck_assert_uint_eq(notify_check(&n, &look, 80 * MIB, 100 * MIB), 0);
	ck_assert_int_eq(child_end(task), SIGKILL);
}
END_TEST

START_TEST(nobody_is_signalled_without_a_signal)
{
	pid_t pid = child_start();

	notify_init(&n, 0, 0, getuid(), getpid());
	ck_assert_int_eq(notify_add(&n, pid, child_start_time(pid)), 0);
	ck_assert_uint_eq(reaches(100), 0);
	ck_assert_uint_eq(n.tasks_n, 0);
	ck_assert_int_eq(child_end(pid), SIGKILL);
}
END_TEST

START_TEST(a_task_must_be_the_one_that_was_told)
{
	struct handling_child task = start_handling();

	begin();
	ck_assert_int_eq(notify_add(&n, task.pid, child_start_time(task.pid) + 1), -ESRCH);
	/* Without a start time the parent decides. */
	n.stepd = getppid();
	ck_assert_int_eq(notify_add(&n, task.pid, 0), -EPERM);
	n.stepd = 0;
	ck_assert_int_eq(notify_add(&n, task.pid, 0), -EPERM);
	ck_assert_uint_eq(reaches(100), 0);
	begin();
	ck_assert_int_eq(notify_add(&n, task.pid, 0), 0);
	ck_assert_uint_eq(reaches(100), 1);
	child_wait_received(&task, 1);
	child_end(task.pid);
}
END_TEST

START_TEST(a_process_of_another_user_is_left_alone)
{
	struct handling_child task = start_handling();

	begin_for(getuid() + 1);
	add(task.pid);
	ck_assert_uint_eq(reaches(100), 0);
	child_wait_received(&task, 0);
	child_end(task.pid);
}
END_TEST

/* The task is the first after so many others. Its pid goes to another process before the signal. */
static void a_pid_that_came_again(unsigned others)
{
	struct handling_child other = start_handling();
	pid_t task = child_start(), again;
	uint64_t start = child_start_time(task);

	begin();
	for (unsigned i = 0; i < others; i++)
		add(other.pid);
	ck_assert_int_eq(notify_add(&n, task, start), 0);
	child_end(task);
	again = child_start_again(task, start);
	if (again > 0) {
		ck_assert_uint_eq(reaches(100), others);
		ck_assert_uint_eq(n.missed, 0);
		ck_assert_int_eq(child_end(again), SIGKILL);
	}
	child_end(other.pid);
}

START_TEST(a_process_that_got_the_pid_of_a_task_is_left_alone)
{
	a_pid_that_came_again(1);
	a_pid_that_came_again(NOTIFY_HELD);
}
END_TEST

START_TEST(tasks_without_a_descriptor_are_signalled_too)
{
	struct handling_child other = start_handling(), task = start_handling();

	begin();
	for (unsigned i = 0; i < NOTIFY_HELD; i++)
		add(other.pid);
	add(task.pid);
	ck_assert_int_eq(n.tasks[NOTIFY_HELD].pidfd, -1);
	ck_assert_uint_eq(reaches(100), NOTIFY_HELD + 1);
	child_wait_received(&task, 1);
	child_end(task.pid);
	child_end(other.pid);
}
END_TEST

START_TEST(a_task_too_many_is_refused)
{
	begin();
	n.tasks_n = SHM_TASKS;
	ck_assert_int_eq(notify_add(&n, getpid(), 0), -ENOSPC);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("notify");

	if (unit_under_valgrind()) {
		puts("skipped: valgrind catches all signals itself");
		return 77;
	}

	tcase_add_test(tc, tasks_are_signalled_once_for_each_time_that_the_part_is_reached);
	tcase_add_test(tc, a_small_part_is_reached_again_after_half_of_it);
	tcase_add_test(tc, a_task_without_a_handler_is_left_alone_and_told_of);
	tcase_add_test(tc, a_process_that_handles_whatever_would_end_it_is_left_alone);
	tcase_add_test(tc, the_first_process_below_that_has_a_handler_is_signalled);
	tcase_add_test(tc, a_look_that_is_no_tree_ends_the_search);
	tcase_add_test(tc, nobody_is_signalled_without_a_signal);
	tcase_add_test(tc, a_task_must_be_the_one_that_was_told);
	tcase_add_test(tc, a_process_of_another_user_is_left_alone);
	tcase_add_test(tc, a_process_that_got_the_pid_of_a_task_is_left_alone);
	tcase_add_test(tc, tasks_without_a_descriptor_are_signalled_too);
	tcase_add_test(tc, a_task_too_many_is_refused);
	return unit_run();
}

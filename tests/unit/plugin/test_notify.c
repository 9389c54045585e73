/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
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

START_TEST(tasks_are_signalled_once_and_in_time)
{
	pid_t one = child_start(), other = child_start(), late;

	begin();
	ck_assert_int_eq(notify_add(&n, one, child_start_time(one)), 0);
	ck_assert_int_eq(notify_add(&n, other, child_start_time(other)), 0);
	ck_assert_uint_eq(notify_check(&n, 79 * MIB, 100 * MIB), 0);
	ck_assert_uint_eq(notify_check(&n, 500 * MIB, UNKNOWN), 0);
	ck_assert_uint_eq(notify_check(&n, UNKNOWN, 100 * MIB), 0);
	ck_assert_uint_eq(notify_check(&n, 80 * MIB, 100 * MIB), 2);
	ck_assert_int_eq(child_wait(one), SIGUSR1);
	ck_assert_int_eq(child_wait(other), SIGUSR1);
	late = child_start();
	ck_assert_int_eq(notify_add(&n, late, child_start_time(late)), 0);
	ck_assert_uint_eq(notify_check(&n, 90 * MIB, 100 * MIB), 0);
	ck_assert_int_eq(child_end(late), SIGKILL);
}
END_TEST

START_TEST(nobody_is_signalled_without_a_signal)
{
	pid_t pid = child_start();

	notify_init(&n, 0, 0, getuid(), getpid());
	ck_assert_int_eq(notify_add(&n, pid, child_start_time(pid)), 0);
	ck_assert_uint_eq(notify_check(&n, 100 * MIB, 100 * MIB), 0);
	ck_assert_uint_eq(n.tasks_n, 0);
	ck_assert_int_eq(child_end(pid), SIGKILL);
}
END_TEST

START_TEST(a_task_must_be_the_one_that_was_told)
{
	pid_t pid = child_start();

	begin();
	ck_assert_int_eq(notify_add(&n, pid, child_start_time(pid) + 1), -ESRCH);
	/* Without a start time the parent decides. */
	n.stepd = getppid();
	ck_assert_int_eq(notify_add(&n, pid, 0), -EPERM);
	n.stepd = 0;
	ck_assert_int_eq(notify_add(&n, pid, 0), -EPERM);
	ck_assert_uint_eq(notify_check(&n, MIB, MIB), 0);
	begin();
	ck_assert_int_eq(notify_add(&n, pid, 0), 0);
	ck_assert_uint_eq(notify_check(&n, MIB, MIB), 1);
	ck_assert_int_eq(child_wait(pid), SIGUSR1);
}
END_TEST

START_TEST(a_process_of_another_user_is_left_alone)
{
	pid_t pid = child_start();

	begin_for(getuid() + 1);
	ck_assert_int_eq(notify_add(&n, pid, child_start_time(pid)), 0);
	ck_assert_uint_eq(notify_check(&n, MIB, MIB), 0);
	ck_assert_int_eq(child_end(pid), SIGKILL);
}
END_TEST

/* The task is the first after so many others. Its pid goes to another process before the signal. */
static void a_pid_that_came_again(unsigned others)
{
	pid_t other = child_start(), task = child_start(), again;
	uint64_t start = child_start_time(task);

	begin();
	for (unsigned i = 0; i < others; i++)
		ck_assert_int_eq(notify_add(&n, other, child_start_time(other)), 0);
	ck_assert_int_eq(notify_add(&n, task, start), 0);
	child_end(task);
	again = child_start_again(task, start);
	if (again > 0) {
		ck_assert_uint_eq(notify_check(&n, MIB, MIB), others);
		ck_assert_int_eq(child_end(again), SIGKILL);
	}
	child_end(other);
}

START_TEST(a_process_that_got_the_pid_of_a_task_is_left_alone)
{
	a_pid_that_came_again(1);
	a_pid_that_came_again(NOTIFY_HELD);
}
END_TEST

START_TEST(tasks_without_a_descriptor_are_signalled_too)
{
	pid_t other = child_start(), task = child_start();

	begin();
	for (unsigned i = 0; i < NOTIFY_HELD; i++)
		ck_assert_int_eq(notify_add(&n, other, child_start_time(other)), 0);
	ck_assert_int_eq(notify_add(&n, task, child_start_time(task)), 0);
	ck_assert_int_eq(n.tasks[NOTIFY_HELD].pidfd, -1);
	ck_assert_uint_eq(notify_check(&n, MIB, MIB), NOTIFY_HELD + 1);
	ck_assert_int_eq(child_wait(task), SIGUSR1);
	child_end(other);
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

	tcase_add_test(tc, tasks_are_signalled_once_and_in_time);
	tcase_add_test(tc, nobody_is_signalled_without_a_signal);
	tcase_add_test(tc, a_task_must_be_the_one_that_was_told);
	tcase_add_test(tc, a_process_of_another_user_is_left_alone);
	tcase_add_test(tc, a_process_that_got_the_pid_of_a_task_is_left_alone);
	tcase_add_test(tc, tasks_without_a_descriptor_are_signalled_too);
	tcase_add_test(tc, a_task_too_many_is_refused);
	return unit_run();
}

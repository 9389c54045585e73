/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "plugin/common/process_ref.h"
#include "tests/unit/plugin/children.h"
#include "tests/unit/unit.h"

START_TEST(a_signal_reaches_the_process)
{
	pid_t pid = child_start();
	struct process_ref r;

	ck_assert_int_eq(process_ref_open(&r, pid, child_start_time(pid)), 0);
	ck_assert_int_eq(process_ref_signal(&r, SIGUSR1), 0);
	ck_assert_int_eq(child_wait(pid), SIGUSR1);
	ck_assert_int_eq(process_ref_signal(&r, SIGUSR1), -ESRCH);
	process_ref_close(&r);
	ck_assert_int_eq(process_ref_signal(&r, SIGUSR1), -ESRCH);
}
END_TEST

START_TEST(another_start_time_is_another_process)
{
	pid_t pid = child_start();
	struct process_ref r;

	ck_assert_int_eq(process_ref_open(&r, pid, child_start_time(pid) + 1), -ESRCH);
	ck_assert_int_eq(r.pidfd, -1);
	ck_assert_int_eq(process_ref_signal(&r, SIGUSR1), -ESRCH);
	/* As on a kernel without pidfds. */
	r = (struct process_ref){ pid, child_start_time(pid) + 1, -1 };
	ck_assert_int_eq(process_ref_signal(&r, SIGUSR1), -ESRCH);
	ck_assert_int_eq(process_ref_signal_group(&r, SIGUSR1), -ESRCH);
	ck_assert_int_eq(child_end(pid), SIGKILL);
}
END_TEST

START_TEST(numbers_that_are_no_pids_are_nobody)
{
	static const pid_t numbers[] = { 0, -1, -2, 1 << 30 };
	struct process_ref r;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		ck_assert_int_eq(process_ref_open(&r, numbers[i], 0), -ESRCH);
		ck_assert_int_eq(process_ref_signal(&r, 0), -ESRCH);
		ck_assert_int_eq(process_ref_signal_group(&r, 0), -ESRCH);
	}
}
END_TEST

/* held: by a pidfd, else by the start time. */
static void a_pid_that_came_again(bool held)
{
	pid_t pid = child_start(), again;
	struct process_ref r;

	ck_assert_int_eq(process_ref_open(&r, pid, child_start_time(pid)), 0);
	if (!held) {
		close(r.pidfd);
		r.pidfd = -1;
	}
	child_end(pid);
	again = child_start_again(pid, r.start);
	if (again < 0)
		return; /* this user may not choose pids */
	ck_assert_int_eq(process_ref_signal(&r, SIGUSR1), -ESRCH);
	ck_assert_int_eq(process_ref_signal_group(&r, SIGUSR1), -ESRCH);
	ck_assert_int_eq(child_end(again), SIGKILL);
	process_ref_close(&r);
}

START_TEST(a_process_that_got_the_same_pid_later_is_left_alone)
{
	a_pid_that_came_again(true);
	a_pid_that_came_again(false);
}
END_TEST

START_TEST(a_group_is_signalled_with_its_leader)
{
	pid_t pid = child_start(), member = child_start();
	struct process_ref r;

	ck_assert_int_eq(setpgid(pid, 0), 0);
	ck_assert_int_eq(setpgid(member, pid), 0);
	ck_assert_int_eq(process_ref_open(&r, pid, child_start_time(pid)), 0);
	ck_assert_int_eq(process_ref_signal_group(&r, SIGUSR1), 0);
	ck_assert_int_eq(child_wait(member), SIGUSR1);
	ck_assert_int_eq(child_wait(pid), SIGUSR1);
	process_ref_close(&r);
}
END_TEST

START_TEST(the_parent_is_told)
{
	pid_t pid = child_start(), parent = 0;
	uint64_t start;

	ck_assert_int_eq(process_ref_start(pid, &start, &parent), 0);
	ck_assert_int_eq(parent, getpid());
	child_end(pid);
	ck_assert_int_eq(process_ref_start(pid, &start, &parent), -ESRCH);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("process_ref");

	tcase_add_test(tc, a_signal_reaches_the_process);
	tcase_add_test(tc, another_start_time_is_another_process);
	tcase_add_test(tc, numbers_that_are_no_pids_are_nobody);
	tcase_add_test(tc, a_process_that_got_the_same_pid_later_is_left_alone);
	tcase_add_test(tc, a_group_is_signalled_with_its_leader);
	tcase_add_test(tc, the_parent_is_told);
	return unit_run();
}

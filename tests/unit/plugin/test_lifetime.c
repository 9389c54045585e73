/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/raypssd/lifetime.h"
#include "tests/unit/unit.h"

/* Nobody lets it go on: what waitpid tells is the kernel's doing. */
START_TEST(a_stopped_process_ends_in_time)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (lifetime_prepare())
			_exit(1);
		lifetime_limit(50 * NS_PER_MS);
		raise(SIGSTOP);
		_exit(2);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

START_TEST(a_later_limit_replaces_an_earlier_one)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		uint64_t first = monotonic_ns() + 50 * NS_PER_MS;

		if (lifetime_prepare())
			_exit(1);
		lifetime_limit(50 * NS_PER_MS);
		lifetime_limit(60 * NS_PER_S);
		/* The first limit passes. */
		while (monotonic_ns() < first + 50 * NS_PER_MS)
			usleep(1000);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(without_preparation_there_is_no_bound)
{
	lifetime_limit(1);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("lifetime");

	unit_clock_run();
	tcase_add_test(c, without_preparation_there_is_no_bound);
	tcase_add_test(c, a_stopped_process_ends_in_time);
	tcase_add_test(c, a_later_limit_replaces_an_earlier_one);
	return unit_run();
}

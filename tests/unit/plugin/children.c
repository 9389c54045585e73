/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plugin/children.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/common/process_ref.h"
#include "tests/unit/unit.h"

/* As fork(2), with a pid of our choice. -1: not allowed, or no such call here (valgrind). */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t wait_for_a_signal(pid_t pid)
{
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

pid_t child_start(void)
{
	pid_t pid = wait_for_a_signal(fork());

	ck_assert_int_gt(pid, 0);
	return pid;
}

static atomic_uint *received_here;

static void receive(int signal)
{
	(void)signal;
	atomic_fetch_add(received_here, 1);
}

/* A condition that holds soon, or the test's own time limit ends it. */
static void wait_until(const atomic_uint *value, unsigned least)
{
	while (atomic_load(value) < least)
		usleep(1000);
}

struct handling_child child_start_handling(const int *signals, size_t n)
{
	atomic_uint *shared = mmap(NULL, sizeof(*shared) * 2, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	ck_assert_ptr_ne(shared, MAP_FAILED);
	pid = fork();
	if (pid == 0) {
		received_here = shared;
		for (size_t i = 0; i < n; i++)
			signal(signals[i], receive);
		atomic_store(shared + 1, 1);
		wait_for_a_signal(0);
	}
	ck_assert_int_gt(pid, 0);
	wait_until(shared + 1, 1);
	return (struct handling_child){ pid, shared };
}

void child_wait_received(const struct handling_child *child, unsigned times)
{
	wait_until(child->received, times);
	ck_assert_uint_eq(atomic_load(child->received), times);
}

pid_t child_start_again(pid_t pid, uint64_t old_start)
{
	pid_t child;

	/* Start times are in clock ticks: several children may begin within one. */
	while ((child = wait_for_a_signal(fork_as(pid))) > 0 &&
		child_start_time(child) == old_start)
		child_end(child);
	return child;
}

uint64_t child_start_time(pid_t pid)
{
	uint64_t start = 0;

	ck_assert_int_eq(process_ref_start(pid, &start, NULL), 0);
	return start;
}

int child_wait(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	return WTERMSIG(status);
}

int child_end(pid_t pid)
{
	/* The first signal that ends a process decides how it ends, at the moment it is sent. */
	kill(pid, SIGKILL);
	return child_wait(pid);
}

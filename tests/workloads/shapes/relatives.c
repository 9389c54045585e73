/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that come from one another: fork, exec, clone, and what stays when one of them ends. */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void execute(size_t private_bytes)
{
	char bytes[32];

	snprintf(bytes, sizeof(bytes), "%zu", private_bytes);
	execl("/proc/thread-self/exe", "shapes", "--private", bytes, (char *)NULL);
	_exit(EXIT_FAILED);
}

static void big_then_small(size_t bytes)
{
	shape_private(bytes);
	child_turn();
	execute(24 * MIB);
}

/* What the first program had is gone before the peak. */
static void executed_smaller(void)
{
	children_fork(big_then_small, 96 * MIB);
	children_wait(1);
	shape_stage();
	children_turn();
	children_wait(1);
	shape_private(96 * MIB);
	shape_stage();
}

static void *execute_in_thread(void *unused)
{
	nap(0.3);
	execute(64 * MIB);
	return unused;
}

static void lose_leader_and_execute(size_t unused)
{
	pthread_t thread;

	(void)unused;
	errno = pthread_create(&thread, NULL, execute_in_thread, NULL);
	if (errno)
		err(EXIT_FAILED, "pthread_create");
	pthread_exit(NULL);
}

static void executed_by_thread(void)
{
	children_fork(lose_leader_and_execute, 0);
	children_wait(1);
	shape_stage();
}

static int heir(void *unused)
{
	(void)unused;
	nap(1.2);
	shape_private(48 * MIB);
	for (;;)
		child_turn();
	return 0;
}

static void found_and_leave(size_t bytes)
{
	char *stack = anonymous(256 * KIB);

	shape_private(bytes);
	if (clone(heir, stack + 256 * KIB, CLONE_VM | CLONE_FILES | SIGCHLD, NULL) < 0)
		err(EXIT_FAILED, "clone");
	nap(0.6);
	_exit(EXIT_SUCCESS);
}

/* Who counted the address space ends; who shared it goes on with it. */
static void inherited_address_space(void)
{
	children_fork(found_and_leave, 48 * MIB);
	children_wait(1);
	shape_stage();
}

static void storm(bool vforked)
{
	char *argv[] = { "shapes", "--list", NULL };
	double end;
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
	shape_private(96 * MIB);
	shape_stage();
	for (end = now() + 1.5; now() < end;) {
		if (vforked) {
			if (posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ))
				err(EXIT_FAILED, "posix_spawn");
		} else {
			pid = fork();
			if (!pid)
				_exit(EXIT_SUCCESS);
		}
		waitpid(pid, NULL, 0);
	}
	shape_stage();
}

static void vfork_storm(void)
{
	storm(true);
}

static void fork_storm(void)
{
	storm(false);
}

static char *heap;

static void free_half(size_t bytes)
{
	if (madvise(heap, 32 * MIB, MADV_DONTNEED) < 0)
		err(EXIT_FAILED, "MADV_DONTNEED");
	fill(heap + 32 * MIB, bytes);
}

/* A page is there until the last process that has it gives it back. */
static void children_free(void)
{
	heap = shape_private(64 * MIB);
	shape_stage();
	for (int i = 0; i < 4; i++)
		children_fork(free_half, 8 * MIB);
	children_wait(4);
	shape_stage();
}

enum { HEIRS = 3 };
#define HERITAGE (24 * MIB)

static void keep_part(size_t number)
{
	for (size_t i = 0; i < HEIRS; i++)
		if (i != number)
			munmap(heap + i * HERITAGE, HERITAGE);
}

/* All happens within moments: an accountant that reads one after the other sees a part twice. */
static void heirs(void)
{
	heap = shape_private(HEIRS * HERITAGE);
	for (size_t i = 0; i < HEIRS; i++)
		children_fork(keep_part, i);
	children_wait(HEIRS);
	munmap(heap, HEIRS * HERITAGE);
	shape_stage();
}

static void grandchild(size_t unused)
{
	(void)unused;
}

static void fork_and_leave(size_t bytes)
{
	heap = shape_private(bytes);
	for (int i = 0; i < 3; i++)
		children_fork(grandchild, 0);
	nap(0.5);
	_exit(EXIT_SUCCESS);
}

/* All of it is shared by processes whose parent is gone. */
static void orphans(void)
{
	children_fork(fork_and_leave, 64 * MIB);
	children_wait(3);
	wait(NULL);
	shape_private(16 * MIB);
	shape_stage();
}

static void daemonise(size_t bytes)
{
	char number[32];
	char *const argv[] = { "shapes", "--private", number, NULL };
	char *const none[] = { NULL };

	snprintf(number, sizeof(number), "%zu", bytes);
	if (fork())
		_exit(EXIT_SUCCESS);
	setsid();
	if (fork())
		_exit(EXIT_SUCCESS);
	execve("/proc/self/exe", argv, none);
	_exit(EXIT_FAILED);
}

/* Neither parents nor environment lead to it. */
static void daemonised(void)
{
	children_fork(daemonise, 48 * MIB);
	children_wait(1);
	shape_stage();
}

const struct shape relative_shapes[] = {
	{ "executed-smaller", "a launcher that executes a smaller program", executed_smaller },
	{ "executed-by-thread", "exec by a thread after main has left", executed_by_thread },
	{ "inherited-address-space", "clone(CLONE_VM) whose parent ends first",
		inherited_address_space },
	{ "vfork-storm", "make, shells: thousands of posix_spawn", vfork_storm },
	{ "fork-storm", "servers that fork for each request", fork_storm },
	{ "children-free", "gunicorn: workers free and write what they inherited", children_free },
	{ "heirs", "a loader whose forked workers keep a part each", heirs },
	{ "orphans", "workers whose preloading parent has ended", orphans },
	{ "daemonised", "a daemon with a clean environment", daemonised },
	{ 0 },
};

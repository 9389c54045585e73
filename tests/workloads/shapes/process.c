/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that are not what a table of pids suggests. */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_t new_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, run, argument);
	if (errno)
		err(EXIT_FAILED, "pthread_create");
	return thread;
}

/* The main thread has left when its state is Z, which the kernel sets in the thread's exit. */
static void wait_for_zombie_leader(void)
{
	char line[512], state;
	FILE *file;

	do {
		file = fopen("/proc/self/stat", "re");
		if (!file || !fgets(line, sizeof(line), file) ||
			sscanf(line, "%*d %*s %c", &state) != 1)
			err(EXIT_FAILED, "/proc/self/stat");
		fclose(file);
		sched_yield();
	} while (state != 'Z');
}

static void *survivor(void *memory)
{
	wait_for_zombie_leader();
	fill(memory, 50 * MIB);
	child_turn();
	shape_private(50 * MIB);
	for (;;)
		child_turn();
	return NULL;
}

static void lose_leader(size_t unused)
{
	(void)unused;
	new_thread(survivor, anonymous(50 * MIB));
	pthread_exit(NULL);
}

/* /proc/PID/statm of such a process is all zero. */
static void leader_gone(void)
{
	children_fork(lose_leader, 0);
	children_wait(1);
	shape_stage();
	children_turn();
	children_wait(1);
	shape_stage();
}

/* Runs in our address space, with descriptors of its own. */
static int helper(void *unused)
{
	(void)unused;
	child_begin();
	for (;;)
		child_turn();
	return 0;
}

enum { HELPER_STACK = 64 * 1024 };

static void start_helper(int flags)
{
	char *stack = anonymous(HELPER_STACK);

	if (clone(helper, stack + HELPER_STACK, CLONE_VM | SIGCHLD | flags, NULL) < 0)
		err(EXIT_FAILED, "clone");
}

static void one_address_space(void)
{
	enum { HELPERS = 3 };

	shape_private(30 * MIB);
	for (int i = 0; i < HELPERS; i++)
		start_helper(0);
	children_wait(HELPERS);
	shape_stage();
	shape_private(60 * MIB);
	shape_stage();
}

static void *vfork_helper(void *unused)
{
	start_helper(CLONE_VFORK);
	return unused;
}

/* A thread waits for its child to execute something, for longer than a look takes. */
static void vforked(void)
{
	pthread_t thread;

	shape_private(64 * MIB);
	thread = new_thread(vfork_helper, NULL);
	children_wait(1);
	shape_stage();
	children_end();
	pthread_join(thread, NULL);
}

enum { SEGMENTS = 3 };
#define SEGMENT (32 * MIB)
#define PRODUCER (24 * MIB)

static int segments[SEGMENTS];

static void produce(size_t index)
{
	void *memory = shape_map(segments[index], SEGMENT, PROT_WRITE, MAP_SHARED);

	fill(memory, SEGMENT);
	munmap(memory, SEGMENT);
	for (int i = 0; i < SEGMENTS; i++)
		close(segments[i]);
	shape_private(PRODUCER);
}

static void produce_all(void)
{
	for (size_t i = 0; i < SEGMENTS; i++) {
		segments[i] = memfd_create("segment", MFD_CLOEXEC);
		if (segments[i] < 0 || ftruncate(segments[i], (off_t)SEGMENT) < 0)
			err(EXIT_FAILED, "memfd");
	}
	for (size_t i = 0; i < SEGMENTS; i++)
		children_fork(produce, i);
	children_wait(SEGMENTS);
}

/* The memory belongs to the process that maps it, whoever has written it. */
static void holder(void)
{
	produce_all();
	for (int i = 0; i < SEGMENTS; i++)
		read_through(shape_map(segments[i], SEGMENT, PROT_READ, MAP_SHARED), SEGMENT);
	shape_stage_with("{\"holder\":%ld}", (long)getpid());
}

/* Open and mapped by nobody: no process's share, least of all the producers'. */
static void holder_unmapped(void)
{
	produce_all();
	shape_stage_with("{\"holder\":%ld}", (long)getpid());
}

const struct shape process_shapes[] = {
	{ "leader-gone", "a server whose main thread called pthread_exit", leader_gone },
	{ "one-address-space", "helpers cloned with CLONE_VM", one_address_space },
	{ "vforked", "Go and Python between vfork and exec", vforked },
	{ "holder", "a store's daemon that maps what producers wrote", holder },
	{ "holder-unmapped", "a store's daemon that keeps what producers wrote", holder_unmapped },
	{ 0 },
};

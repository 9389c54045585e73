/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ordinary user can do to make whoever measures his processes work without end. Each kind
 * also has private memory of a known size, which must not get lost meanwhile. To build it alone:
 * cc -O2 -o attack attack.c common.c
 */
#include "common.h"

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, HELD_BY_ALL = 9, CHASE_WINDOW = 20000, PERIOD_US = 10000 };

static struct {
	int kind, memfd;
	size_t private, processes, count;
	double seconds;
} o = { .private = 100 * MIB, .processes = 1, .count = 1000, .seconds = 5 };

static void *map_shared(void *at, size_t bytes, int fd)
{
	int flags = MAP_SHARED | (at ? MAP_FIXED : 0) | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *p = mmap(at, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(EXIT_FAILED, "mmap");
	return p;
}

static int object(size_t bytes)
{
	int fd = memfd_create("attack", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)bytes))
		err(EXIT_FAILED, "memfd_create");
	return fd;
}

/* Mappings appear ahead of whoever reads them in the order of their addresses, and vanish behind. */
static void chase(double until)
{
	const uintptr_t begin = 0x10000000000, end = 0x7e0000000000;
	int fd = o.memfd ? object(PAGE) : -1;
	uintptr_t low = begin;
	size_t made = 0;

	for (uintptr_t at = begin; at < end && now() < until; at += 2 * PAGE) {
		map_shared((void *)at, PAGE, fd);
		if (++made > CHASE_WINDOW) {
			munmap((void *)low, PAGE);
			low += 2 * PAGE;
		}
	}
}

/* Objects that come and go beside many processes that have some: a data loader with many workers. */
static void churn(double until)
{
	void **objects = calloc(o.count, sizeof(*objects));

	if (!objects)
		err(EXIT_FAILED, "calloc");
	while (now() < until) {
		for (size_t i = 0; i < o.count; i++)
			fill(objects[i] = map_shared(NULL, 2 * PAGE, -1), 2 * PAGE);
		usleep(PERIOD_US);
		for (size_t i = 0; i < o.count; i++)
			munmap(objects[i], 2 * PAGE);
		usleep(PERIOD_US);
	}
	free(objects);
}

/* As many mappings as the kernel allows; two that touch would become one. */
static void map_many(double until)
{
	int fd = object(PAGE);

	for (size_t i = 0; i < o.count; i++)
		map_shared(NULL, PAGE, fd);
	while (now() < until)
		usleep(PERIOD_US);
}

static void idle(double until)
{
	double left = until - now();

	if (left > 0)
		nap(left);
}

static const char *const kinds[] = { "chase", "churn", "maps", "idle", NULL };
static void (*const doing[])(double until) = { chase, churn, map_many, idle };

static const struct option_spec specs[] = {
	{ "kind", "KIND", "chase, churn, maps or idle", .choice = &o.kind, .choices = kinds },
	{ "memfd", NULL, "chase maps one memfd, not objects without a name", .flag = &o.memfd,
		.max = 1 },
	{ "private", "MIB", "anonymous memory of the first process", .count = &o.private,
		.max = MAX_MIB, .unit = MIB },
	{ "processes", "N", "processes; churn and idle: the first does it, the others wait",
		.count = &o.processes, .min = 1, .max = 100000 },
	{ "count", "N", "objects of churn, mappings of maps", .count = &o.count, .min = 1,
		.max = 1000000 },
	{ "seconds", "SECONDS", "how long", .seconds = &o.seconds, .max = MAX_SECONDS },
	{ 0 },
};

int main(int argc, char **argv)
{
	double until;
	bool all;

	options_parse(argc, argv, "Makes a measurement of its processes expensive.", specs);
	until = now() + o.seconds;
	all = doing[o.kind] == chase || doing[o.kind] == map_many;
	for (int i = 0; i < HELD_BY_ALL; i++)
		fill(map_shared(NULL, 16 * PAGE, -1), 16 * PAGE);
	for (size_t i = 1; i < o.processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(EXIT_FAILED, "fork");
		if (pid == 0) {
			(all ? doing[o.kind] : idle)(until);
			_exit(EXIT_SUCCESS);
		}
	}
	if (o.private)
		fill(anonymous(o.private), o.private);
	doing[o.kind](until);
	while (wait(NULL) > 0)
		;
	return EXIT_SUCCESS;
}

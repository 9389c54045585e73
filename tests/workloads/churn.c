/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that come and go faster than anybody looks. To build it alone:
 * cc -O2 -o churn churn.c common.c
 */
#include "common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_PARALLEL = 512 };

static struct {
	size_t children, parallel, private;
	int double_fork;
} o = { .children = 1000, .parallel = 1, .private = 256 * KIB };

static const struct option_spec specs[] = {
	{ "children", "N", "how many short-lived processes", .count = &o.children,
		.max = 10000000 },
	{ "parallel", "K", "how many of them at a time", .count = &o.parallel, .min = 1,
		.max = MAX_PARALLEL },
	{ "private", "KIB", "anonymous memory that each touches", .count = &o.private,
		.max = MAX_MIB, .unit = KIB },
	{ "double-fork", NULL, "each daemonises first: setsid, and its parent has gone",
		.flag = &o.double_fork, .max = 1 },
	{ 0 },
};

static _Noreturn void live(int report)
{
	if (o.double_fork) {
		pid_t pid;

		setsid();
		pid = fork();
		if (pid)
			_exit(pid < 0);
	}
	if (o.private)
		fill(anonymous(o.private), o.private);
	_exit(write(report, "", 1) != 1);
}

/* Returns a pipe that says a byte when the child has done its work and ends when it is gone. */
static int start(void)
{
	int report[2];
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) < 0)
		err(EXIT_FAILED, "pipe");
	pid = fork();
	if (pid < 0)
		err(EXIT_FAILED, "fork");
	if (!pid)
		live(report[1]);
	close(report[1]);
	if (o.double_fork)
		waitpid(pid, NULL, 0);
	return report[0];
}

/* One of them is gone: whether it had done its work. */
static bool finish(struct pollfd *slot)
{
	char byte;
	bool good = read(slot->fd, &byte, 1) == 1;

	while (read(slot->fd, &byte, 1) > 0)
		;
	close(slot->fd);
	slot->fd = -1;
	if (!o.double_fork)
		wait(NULL);
	return good;
}

int main(int argc, char **argv)
{
	struct pollfd slots[MAX_PARALLEL];
	size_t started = 0, ended = 0, failed = 0;
	double seconds;

	options_parse(
		argc, argv, "Short-lived processes, one after the other or some at a time.", specs);
	for (size_t i = 0; i < o.parallel; i++)
		slots[i] = (struct pollfd){ .fd = -1, .events = POLLIN };

	seconds = now();
	while (ended < o.children) {
		for (size_t i = 0; i < o.parallel && started < o.children; i++) {
			if (slots[i].fd >= 0)
				continue;
			slots[i].fd = start();
			started++;
		}
		if (poll(slots, (nfds_t)o.parallel, -1) < 0 && errno != EINTR)
			err(EXIT_FAILED, "poll");
		for (size_t i = 0; i < o.parallel; i++) {
			if (slots[i].fd < 0 || !slots[i].revents)
				continue;
			failed += !finish(&slots[i]);
			ended++;
		}
	}
	seconds = now() - seconds;
	printf("{\"children\":%zu,\"failed\":%zu,\"seconds\":%.3f}\n", ended, failed, seconds);
	return failed ? EXIT_FAILED : EXIT_SUCCESS;
}

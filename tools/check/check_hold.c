/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/check/check_step.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/live.h"

/* Longer than any interval= that a site would set. */
#define SEEN_NS (60 * NS_PER_S)

static void *memory_take(size_t size, int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		return NULL;
	memset(p, 1, size);
	return p;
}

/* The other process only has its memory, until we end. */
static void other_run(int ready, int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (memory_take(HOLD_SHARED, fd) && memory_take(HOLD_PRIVATE, -1) &&
		write(ready, "", 1) == 1)
		for (;;)
			pause();
	_exit(EXIT_FAILURE);
}

static bool is_seen(const char *path)
{
	const uint64_t all = HOLD_SHARED + HOLD_PROCESSES * HOLD_PRIVATE;
	uint64_t until_ns = monotonic_ns() + SEEN_NS;
	int fd = live_open(path);
	struct live live;
	bool seen = false;

	while (fd >= 0 && !seen && monotonic_ns() < until_ns) {
		seen = live_read(fd, &live) == 0 && live.footprint != UNKNOWN &&
			live.footprint >= all;
		if (!seen)
			poll(NULL, 0, 50);
	}
	if (fd >= 0)
		close(fd);
	return seen;
}

static int failed(const char *what)
{
	fprintf(stderr, "raypss check: %s\n", what);
	return EXIT_FAILURE;
}

int check_step_hold(void)
{
	const char *state = getenv("RAYPSS_STATE"), *job = getenv("SLURM_JOB_ID");
	const char *step = getenv("SLURM_STEP_ID"), *node = getenv("SLURMD_NODENAME");
	int fd = memfd_create("raypss-check", MFD_CLOEXEC), ready[2];
	char byte;
	pid_t pid;

	if (!state || !job || !step || !node)
		return failed("the step is not accounted: it has no RAYPSS_STATE");
	if (fd < 0 || ftruncate(fd, HOLD_SHARED) || pipe(ready))
		return failed(strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ready[0]);
		other_run(ready[1], fd);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1 || !memory_take(HOLD_SHARED, fd) ||
		!memory_take(HOLD_PRIVATE, -1))
		return failed("there is not enough memory for the step");
	if (!is_seen(state))
		return failed("the live figures do not show the step's memory");
	printf("%s %s %s\n", job, step, node);
	fflush(stdout);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return EXIT_SUCCESS;
}

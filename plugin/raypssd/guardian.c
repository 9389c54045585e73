/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/guardian.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The pause doubles from here: all pauses together are below a second. */
#define PAUSE_NS (200 * NS_PER_MS)

/* How long a stopped raypssd stays so: nobody can make the guardian busy by stopping it. */
#define STOPPED_NS (100 * NS_PER_MS)

bool guardian_starts(struct guardian *g, uint64_t now_ns, uint64_t *pause_ns)
{
	if (g->started && now_ns - g->started_ns >= GUARDIAN_TRUST_NS)
		g->started = 1;
	if (g->started == GUARDIAN_STARTS)
		return false;
	*pause_ns = g->started > 1 ? PAUSE_NS << (g->started - 2) : 0;
	g->started++;
	g->started_ns = now_ns + *pause_ns;
	return true;
}

static void pause_for(uint64_t ns)
{
	struct timespec pause = timespec_of(ns);

	nanosleep(&pause, NULL);
}

/* Waits for the end of raypssd. Its status, or -1. */
static int end_wait(struct shm_block *block, pid_t pid)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0) {
			if (errno != EINTR)
				return -1;
		} else if (WIFSTOPPED(status)) {
			atomic_fetch_add(&block->stops, 1);
			pause_for(STOPPED_NS);
			kill(pid, SIGCONT);
		} else {
			return status;
		}
	}
}

/* In raypssd. A guardian that is gone already can protect nothing, and nobody ends raypssd then. */
static void guardian_bind(pid_t guardian)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guardian)
		_exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, "raypssd");
}

int guardian_run(struct shm_block *block)
{
	struct guardian g = { 0 };
	pid_t guardian = getpid();
	uint64_t pause_ns;
	int status = 0;

	while (guardian_starts(&g, monotonic_ns(), &pause_ns)) {
		pid_t pid;

		pause_for(pause_ns);
		pid = fork();
		if (pid == 0)
			guardian_bind(guardian);
		/* Without a guardian raypssd is as good as before, until it dies. */
		if (pid == 0 || (pid < 0 && !status))
			return status ? WTERMSIG(status) : 0;
		prctl(PR_SET_NAME, "raypss-guardian");
		status = pid < 0 ? -1 : end_wait(block, pid);
		if (!WIFSIGNALED(status) || atomic_load(&block->finished))
			break;
	}
	_exit(status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

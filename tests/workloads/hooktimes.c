/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SPANK plugin that times the hooks of another. plugstack.conf lists one copy of it before the
 * other and one behind it, each with two arguments: its name, and a file, to which it adds a line
 * at each hook of a step: JOB STEP HOOK NAME NANOSECONDS PID MOUNT-NAMESPACE.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <slurm/spank.h>

SPANK_PLUGIN(hooktimes, 1)

/* Opened by the first hook: later ones may be in a container where the file is not to be seen. */
static int fd = -1;
static uint32_t job, step;

static int stamp(const char *hook, const char *name)
{
	struct timespec now;
	char line[256], mounts[64];
	ssize_t n;

	clock_gettime(CLOCK_MONOTONIC, &now);
	n = readlink("/proc/self/ns/mnt", mounts, sizeof(mounts) - 1);
	mounts[n > 0 ? n : 0] = '\0';
	n = snprintf(line, sizeof(line), "%" PRIu32 " %" PRIu32 " %s %s %" PRIu64 " %d %s\n", job,
		step, hook, name, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec,
		getpid(), mounts);
	if (write(fd, line, (size_t)n) != n)
		slurm_error("hooktimes: cannot write: %m");
	/* A hook that fails would end the step. */
	return ESPANK_SUCCESS;
}

int slurm_spank_init(spank_t sp, int ac, char **av)
{
	if (spank_context() != S_CTX_REMOTE || ac != 2)
		return ESPANK_SUCCESS;
	fd = open(av[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	spank_get_item(sp, S_JOB_ID, &job);
	spank_get_item(sp, S_JOB_STEPID, &step);
	return fd < 0 ? ESPANK_SUCCESS : stamp("init", av[0]);
}

#define HOOK(hook)                                                                                 \
	int slurm_spank_##hook(spank_t sp, int ac, char **av)                                      \
	{                                                                                          \
		(void)sp;                                                                          \
		return fd < 0 || ac != 2 ? ESPANK_SUCCESS : stamp(#hook, av[0]);                   \
	}

HOOK(init_post_opt)
HOOK(task_init_privileged)
HOOK(task_init)
HOOK(task_post_fork)
HOOK(task_exit)
HOOK(exit)

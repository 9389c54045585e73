/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/raypssd_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "plugin/common/shm_block.h"

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS }, NULL);
}

int raypssd_spawn(int socket, int block_fd, const char *argument, pid_t *pid)
{
	char *argv[] = { "raypssd", (char *)argument, NULL };
	char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all;
	int rc;

	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	for (int fd = 0; fd < RAYPSSD_SOCKET; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, socket, RAYPSSD_SOCKET);
	posix_spawn_file_actions_adddup2(&actions, block_fd, RAYPSSD_BLOCK);
	/* Slurm's signals to the step reach raypssd until it has left the step's control group. */
	posix_spawnattr_setsigmask(&attributes, &all);
	posix_spawnattr_setsigdefault(&attributes, &all);
	/* A start that takes too long is ended by a signal to this group. */
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, RAYPSSD_PATH, &actions, &attributes, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -rc;
}

int raypssd_spawn_reap(pid_t pid, uint64_t until_ns)
{
	int status;
	pid_t rc;

	while ((rc = waitpid(pid, &status, WNOHANG)) == 0 && monotonic_ns() < until_ns)
		nap();
	if (rc == 0)
		return -ETIMEDOUT;
	if (rc < 0)
		return errno == ECHILD ? 0 : -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == RAYPSSD_CANNOT_FORK)
		return -ECHILD;
	return WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/raypssd_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/shm_block.h"

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS }, NULL);
}

enum { STACK_SIZE = 64 * 1024 };

/* What the process between slurmstepd and an orphan gets, and its result. */
struct orphan {
	const char *program;
	int socket, block_fd;
	pid_t *pid;
	int rc;
};

int raypssd_spawn(const char *program, int socket, int block_fd, const char *argument, pid_t *pid)
{
	const char *name = strrchr(program, '/') + 1;
	char *argv[] = { (char *)name, (char *)argument, NULL };
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
	/* A new session is a new process group: a start that takes too long is ended by a signal to it. */
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	rc = posix_spawn(pid, program, &actions, &attributes, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -rc;
}

static int orphan_spawn(void *argument)
{
	struct orphan *o = argument;

	o->rc = raypssd_spawn(o->program, o->socket, o->block_fd, NULL, o->pid);
	_exit(EXIT_SUCCESS);
}

int raypssd_spawn_orphan(const char *program, int socket, int block_fd, pid_t *pid)
{
	struct orphan o = { program, socket, block_fd, pid, -ECHILD };
	_Alignas(16) char stack[STACK_SIZE];
	sigset_t all, before;
	pid_t between;

	/* No handler of slurmstepd's may run in the process between, which has its memory. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	between = clone(orphan_spawn, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &o);
	if (between < 0)
		o.rc = -errno;
	/* Ended already: CLONE_VFORK waited for that. */
	while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return o.rc;
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/raypssd_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/pid_parse.h"
#include "plugin/common/paths.h"

/* Ours are moved above those that raypssd gets, so that dup2 in the child overwrites none. */
enum { DESCRIPTOR_MIN = 10 };

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS }, NULL);
}

static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR_MIN);
	int error = errno;

	close(fd);
	return moved < 0 ? -error : moved;
}

int accountant_process_prepare(struct accountant_process *a)
{
	int fd = memfd_create("ray_pss", MFD_CLOEXEC);
	void *block;

	a->socket = a->block_fd = -1;
	a->block = NULL;
	if (fd < 0)
		return -errno;
	fd = move_up(fd);
	if (fd < 0)
		return fd;
	block = ftruncate(fd, sizeof(*a->block))
		? MAP_FAILED
		: mmap(NULL, sizeof(*a->block), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (block == MAP_FAILED) {
		int error = errno;

		close(fd);
		return -error;
	}
	a->block_fd = fd;
	a->block = block;
	a->block->version = SHM_BLOCK_VERSION;
	return 0;
}

/* The intermediate process ends at once; slurmstepd must not find it in its own wait. */
static int reap(pid_t pid, uint64_t until_ns)
{
	int status;
	pid_t rc;

	while ((rc = waitpid(pid, &status, WNOHANG)) == 0 && monotonic_ns() < until_ns)
		nap();
	if (rc == 0)
		return -ETIMEDOUT;
	if (rc < 0)
		return errno == ECHILD ? 0 : -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

static int spawn(struct accountant_process *a, int socket, char *argument, pid_t *pid)
{
	char *argv[] = { "raypssd", argument, NULL };
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
	posix_spawn_file_actions_adddup2(&actions, a->block_fd, RAYPSSD_BLOCK);
	/* Until it has left the step's control group, what Slurm sends to the step reaches it too. */
	posix_spawnattr_setsigmask(&attributes, &all);
	posix_spawnattr_setsigdefault(&attributes, &all);
	/* A group of its own, for who must kill it before it is introduced in the shared block. */
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, RAYPSSD_PATH, &actions, &attributes, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -rc;
}

static int start(struct accountant_process *a, char *argument, uint64_t until_ns)
{
	int pair[2], rc;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pair[0] = move_up(pair[0]);
	pair[1] = move_up(pair[1]);
	if (pair[0] < 0 || pair[1] < 0)
		rc = pair[0] < 0 ? pair[0] : pair[1];
	else
		rc = spawn(a, pair[1], argument, &pid);
	if (pair[1] >= 0)
		close(pair[1]);
	if (rc == 0) {
		rc = reap(pid, until_ns);
		/* Late, it may still write the record; but not account a step that goes on without. */
		if (rc == -ETIMEDOUT && !argument) {
			kill(-pid, SIGKILL);
			accountant_process_kill(a);
		}
	}
	if (rc) {
		if (pair[0] >= 0)
			close(pair[0]);
		return rc;
	}
	a->socket = pair[0];
	return 0;
}

int accountant_process_start(struct accountant_process *a, uint64_t until_ns)
{
	return start(a, NULL, until_ns);
}

void accountant_process_add_task(struct accountant_process *a, pid_t pid)
{
	unsigned n;

	if (!a->block)
		return;
	n = atomic_load(&a->block->tasks_n);
	if (n >= SHM_TASKS)
		return;
	a->block->tasks[n].pid = pid;
	atomic_store(&a->block->tasks_n, n + 1);
	/* A full socket is no loss: a message of this kind waits there already. */
	accountant_process_ask(a, MESSAGE_TASKS);
}

int accountant_process_ask(struct accountant_process *a, enum message request)
{
	char byte = (char)request;

	if (a->socket < 0)
		return -ENOTCONN;
	if (send(a->socket, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

int accountant_process_answer(
	struct accountant_process *a, uint64_t until_ns, char text[MESSAGE_SIZE])
{
	char buf[MESSAGE_SIZE];
	ssize_t n;

	for (;;) {
		struct pollfd fd = { .fd = a->socket, .events = POLLIN };
		uint64_t now = monotonic_ns();
		int ms = now < until_ns ? (int)((until_ns - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
		int rc = a->socket < 0 ? -1 : poll(&fd, 1, ms);

		if (a->socket < 0)
			return -EPIPE;
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc <= 0)
			return rc < 0 ? -errno : -ETIMEDOUT;
		n = recv(a->socket, buf, sizeof(buf) - 1, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return -EPIPE;
		if (n > 0)
			break;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	buf[n] = '\0';
	memcpy(text, buf + 1, (size_t)n);
	return (unsigned char)buf[0];
}

void accountant_process_kill(struct accountant_process *a)
{
	pid_t pid = a->block ? atomic_load(&a->block->daemon_pid) : 0;
	char path[PROC_PATH], buf[1024];
	struct pid_stat stat;
	ssize_t n;
	int fd;

	if (pid <= 0)
		return;
	/* With the pidfd held, the pid cannot become somebody else's after the check. */
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	n = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
	if (n > 0 && pid_stat_parse(buf, (size_t)n, &stat) == 0 &&
		stat.start == a->block->daemon_start) {
		/* Its group first: with a publisher that waits, but none that is at work. */
		kill(-pid, SIGKILL);
		if (fd >= 0)
			syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
		else
			kill(pid, SIGKILL); /* before Linux 5.3 */
	}
	if (fd >= 0)
		close(fd);
}

int accountant_process_finish_from_block(struct accountant_process *a, uint64_t until_ns)
{
	char text[MESSAGE_SIZE];
	int rc;

	if (a->socket >= 0)
		close(a->socket);
	a->socket = -1;
	rc = start(a, "--finish", until_ns);
	if (rc)
		return rc;
	do {
		rc = accountant_process_answer(a, until_ns, text);
	} while (rc >= 0 && rc != MESSAGE_FINISHED);
	if (rc < 0)
		return atomic_load(&a->block->finished) ? 0 : rc;
	return *text ? -EIO : 0;
}

void accountant_process_close(struct accountant_process *a)
{
	if (a->socket >= 0)
		close(a->socket);
	if (a->block)
		munmap(a->block, sizeof(*a->block));
	if (a->block_fd >= 0)
		close(a->block_fd);
	a->socket = a->block_fd = -1;
	a->block = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/raypssd_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "plugin/common/paths.h"
#include "plugin/spank/raypssd_spawn.h"

/* Above the descriptors that raypssd gets: dup2 in the child must not overwrite ours. */
enum { DESCRIPTOR_MIN = 10 };

static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR_MIN);
	int error = errno;

	close(fd);
	return moved < 0 ? -error : moved;
}

int raypssd_client_prepare(struct raypssd_client *c)
{
	int fd;

	*c = (struct raypssd_client)RAYPSSD_CLIENT_NONE;
	fd = shm_block_create(&c->block);
	if (fd < 0)
		return fd;
	fd = move_up(fd);
	if (fd < 0) {
		raypssd_client_close(c);
		return fd;
	}
	c->block_fd = fd;
	return 0;
}

/*
 * Takes hold of raypssd by what it wrote into the block. This happens right after raypssd detached:
 * later the block may hold what a raypssd that was taken over wrote.
 */
static void process_take(struct raypssd_client *c)
{
	pid_t pid = atomic_load(&c->block->daemon_pid);

	process_ref_close(&c->process);
	if (pid > 0)
		process_ref_open(&c->process, pid, c->block->daemon_start);
}

/* Runs raypssd, or raypss-dormant, with an end of a new socket. The other end, or -errno. */
static int start(struct raypssd_client *c, const char *argument, pid_t *pid)
{
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pair[0] = move_up(pair[0]);
	pair[1] = move_up(pair[1]);
	if (pair[0] < 0 || pair[1] < 0)
		rc = pair[0] < 0 ? pair[0] : pair[1];
	else
		rc = c->dormant ? raypssd_spawn_orphan(DORMANT_PATH, pair[1], c->block_fd, pid)
				: raypssd_spawn(RAYPSSD_PATH, pair[1], c->block_fd, argument, pid);
	if (pair[1] >= 0)
		close(pair[1]);
	if (rc && pair[0] >= 0)
		close(pair[0]);
	return rc ? rc : pair[0];
}

int raypssd_client_start(struct raypssd_client *c, uint64_t until_ns)
{
	pid_t pid;
	int socket = start(c, NULL, &pid), rc;

	if (socket < 0)
		return socket;
	rc = raypssd_spawn_reap(pid, until_ns);
	process_take(c);
	if (rc == -ETIMEDOUT) {
		/* Our child, and not reaped yet: the number is still its own. */
		kill(-pid, SIGKILL);
		raypssd_client_kill(c);
	}
	if (rc) {
		close(socket);
		return rc;
	}
	c->socket = socket;
	return 0;
}

int raypssd_client_watch(struct raypssd_client *c)
{
	uint64_t start_ticks;
	pid_t pid;

	c->dormant = true;
	c->socket = start(c, NULL, &pid);
	if (c->socket < 0)
		return c->socket;
	/* raypssd will be this process. One that has ended already is missed at the step's end. */
	if (process_ref_start(pid, &start_ticks, NULL) == 0)
		process_ref_open(&c->process, pid, start_ticks);
	return 0;
}

bool raypssd_client_sleeps(const struct raypssd_client *c)
{
	return c->dormant && !atomic_load(&c->block->awake);
}

void raypssd_client_add_task(struct raypssd_client *c, struct shm_task task)
{
	if (!c->block)
		return;
	/* The task is a child of slurmstepd that was not reaped yet, so the pid is its own. */
	if (process_ref_start(task.pid, &task.start, NULL))
		task.start = 0;
	shm_block_add_task(c->block, &task);
	/* If the socket is full, a message of this kind waits there already. */
	raypssd_client_ask(c, MESSAGE_TASKS);
}

int raypssd_client_ask(struct raypssd_client *c, enum message request)
{
	char byte = (char)request;

	if (c->socket < 0)
		return -ENOTCONN;
	if (request != MESSAGE_FINISH && raypssd_client_sleeps(c))
		return -EAGAIN;
	if (send(c->socket, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* One packet of at least a byte. Its length or -errno. */
static ssize_t packet_receive(int socket, uint64_t until_ns, char buf[MESSAGE_SIZE])
{
	for (;;) {
		struct pollfd fd = { .fd = socket, .events = POLLIN };
		uint64_t now = monotonic_ns();
		int ms = now < until_ns ? (int)((until_ns - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
		int rc = poll(&fd, 1, ms);
		ssize_t n;

		if (rc < 0 && errno == EINTR)
			continue;
		if (rc <= 0)
			return rc < 0 ? -errno : -ETIMEDOUT;
		n = recv(socket, buf, MESSAGE_SIZE, MSG_DONTWAIT);
		if (n > 0)
			return n;
		if (n == 0 || errno == ECONNRESET)
			return -EPIPE;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

int raypssd_client_answer(struct raypssd_client *c, uint64_t until_ns, char text[MESSAGE_SIZE])
{
	char buf[MESSAGE_SIZE];
	ssize_t n = c->socket < 0 ? -EPIPE : packet_receive(c->socket, until_ns, buf);

	if (n < 0)
		return (int)n;
	text_clean(text, MESSAGE_SIZE, buf + 1, (size_t)n - 1);
	return (unsigned char)buf[0];
}

void raypssd_client_kill(struct raypssd_client *c)
{
	/* The group has a publisher that waits. A publisher at work has a group of its own. */
	process_ref_signal_group(&c->process, SIGKILL);
	process_ref_signal(&c->process, SIGKILL);
}

void raypssd_client_let_end(struct raypssd_client *c)
{
	process_ref_signal(&c->process, SIGCONT);
}

int raypssd_client_finish_from_block(struct raypssd_client *c, uint64_t until_ns)
{
	char text[MESSAGE_SIZE];
	pid_t pid;
	int rc;

	if (c->socket >= 0)
		close(c->socket);
	c->dormant = false;
	c->socket = start(c, "--finish", &pid);
	if (c->socket < 0)
		return c->socket;
	rc = raypssd_spawn_reap(pid, until_ns);
	if (rc)
		return rc;
	do {
		rc = raypssd_client_answer(c, until_ns, text);
	} while (rc >= 0 && rc != MESSAGE_FINISHED);
	if (rc < 0)
		return atomic_load(&c->block->finished) ? 0 : rc;
	return *text ? -EIO : 0;
}

void raypssd_client_close(struct raypssd_client *c)
{
	if (c->socket >= 0)
		close(c->socket);
	if (c->block && !c->block_kept)
		munmap(c->block, sizeof(*c->block));
	if (c->block_fd >= 0)
		close(c->block_fd);
	process_ref_close(&c->process);
	*c = (struct raypssd_client)RAYPSSD_CLIENT_NONE;
}

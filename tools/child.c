/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"

/* The child's ends become 0, 1 and 2. */
static int spawn(const struct child *child, int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipe_signal;
	int rc;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(
		&actions, child->out_fd ? child->out_fd : out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(pid, child->argv[0], &actions, &attributes, child->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -rc;
}

struct talk {
	int in; /* to the child, a socket: a write to a child that ended sends no SIGPIPE */
	int out; /* from the child */
	const char *left; /* of the input */
	char *buf;
	size_t size, used;
};

static void feed(struct talk *t)
{
	ssize_t n = send(t->in, t->left, strlen(t->left), MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		t->left += n;
	if (!*t->left || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(t->in);
		t->in = -1;
	}
}

/* What does not fit is read and dropped, so that the child ends. 0 = end of the output. */
static ssize_t hear(struct talk *t)
{
	char rest[4096];
	bool full = t->used + 1 == t->size;
	ssize_t n = full ? read(t->out, rest, sizeof(rest))
			 : read(t->out, t->buf + t->used, t->size - 1 - t->used);

	if (n > 0 && !full)
		t->used += (size_t)n;
	return n < 0 && errno == EINTR ? 1 : n;
}

static int talk(struct talk *t, uint64_t until_ns)
{
	for (;;) {
		struct pollfd fds[] = { { t->out, POLLIN, 0 }, { t->in, POLLOUT, 0 } };
		uint64_t now = monotonic_ns();

		if (now >= until_ns)
			return -ETIMEDOUT;
		if (poll(fds, 2, (int)((until_ns - now) / NS_PER_MS) + 1) <= 0)
			continue;
		if (t->in >= 0 && fds[1].revents)
			feed(t);
		if (fds[0].revents && hear(t) <= 0)
			return 0;
	}
}

/* The output's end comes before the child's. */
static int reap(pid_t pid, uint64_t until_ns, int *status)
{
	while (waitpid(pid, status, WNOHANG) == 0) {
		if (monotonic_ns() >= until_ns)
			return -ETIMEDOUT;
		poll(NULL, 0, 5);
	}
	return 0;
}

int child_run(const struct child *child, char *out, size_t size, int *status)
{
	uint64_t until_ns = monotonic_ns() + child->timeout_ns;
	struct talk t = { .left = child->input ? child->input : "", .buf = out, .size = size };
	int in[2], result[2], rc;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in))
		return -errno;
	if (pipe2(result, O_CLOEXEC)) {
		rc = -errno;
		close(in[0]);
		close(in[1]);
		return rc;
	}
	rc = spawn(child, in[1], result[1], &pid);
	close(in[1]);
	close(result[1]);
	t.in = in[0];
	t.out = result[0];
	if (rc == 0) {
		feed(&t);
		rc = talk(&t, until_ns);
		if (rc == 0)
			rc = reap(pid, until_ns, status);
		if (rc) {
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
		}
	}
	out[t.used] = '\0';
	if (t.in >= 0)
		close(t.in);
	close(t.out);
	return rc;
}

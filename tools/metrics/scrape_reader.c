/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/scrape_reader.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "tools/metrics/http/scrape_socket.h"
#include "tools/metrics/http_start.h"

/* Both of a request's attempts end within the 10 s that Prometheus waits by default. */
#define SPOOL_NS (3 * NS_PER_S)
#define WITH_SPOOL_NS (5 * NS_PER_S)
#define WITHOUT_SPOOL_NS (3 * NS_PER_S)

/* A spool that did not answer would hold up each scrape. */
#define SPOOL_PAUSE_NS (60 * NS_PER_S)

/* Whoever asks without a pause shall not keep a whole core busy. */
#define REST_MOST_NS NS_PER_S

/* Bytes of a text: a hundred times that of a full node. */
#define TEXT_MOST (64 * MIB)

struct reader {
	struct metrics_source source;
	int socket; /* to the HTTP server */
	int signals;
	pid_t http; /* 0 = ended */
	bool ended; /* on a signal */
	bool asked; /* a request waits for its child */
	pid_t child; /* that reads; 0 = none */
	int text; /* where to; -1 = the child was killed, but did not end yet */
	bool with_spool;
	uint64_t began_ns;
	uint64_t until_ns; /* then the child is killed */
	uint64_t rest_ns; /* no child starts before */
	pid_t hung; /* a killed child that still reads the spool; 0 = none */
	uint64_t spool_ns; /* the spool is not touched before */
};

static void answer(struct reader *r, char kind)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { &kind, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (kind == SCRAPE_TEXT) {
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.align), &r->text, sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	/* A server that is gone is seen by its signal. */
	(void)sendmsg(r->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The child ends with what metrics_text_write() returned. */
static void child_read(const struct reader *r)
{
	struct rlimit most = { TEXT_MOST, TEXT_MOST };
	struct metrics_source source = r->source;
	FILE *f = fdopen(r->text, "w");
	int failed;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_FSIZE, &most);
	source.spool_hangs = !r->with_spool;
	if (!f)
		_exit(127);
	failed = metrics_text_write(f, &source);
	_exit(fflush(f) ? 127 : failed);
}

/* 0 or -errno. */
static int child_start(struct reader *r)
{
	r->text = memfd_create("raypss-metrics", MFD_CLOEXEC);
	if (r->text < 0)
		return -errno;
	r->began_ns = monotonic_ns();
	r->with_spool = r->source.spool && !r->hung && r->began_ns >= r->spool_ns;
	r->until_ns = r->began_ns + (r->with_spool ? WITH_SPOOL_NS : WITHOUT_SPOOL_NS);
	r->child = fork();
	if (r->child == 0)
		child_read(r);
	if (r->child > 0)
		return 0;
	r->child = 0;
	close(r->text);
	return -errno;
}

static void request_serve(struct reader *r)
{
	int rc;

	if (!r->asked || r->child)
		return;
	rc = child_start(r);
	if (rc) {
		fprintf(stderr, "raypss metrics: cannot start a reader: %s\n", strerror(-rc));
		answer(r, SCRAPE_NOTHING);
		r->asked = false;
	}
}

/* A text with a part missing is better than none: it says which, and standard error why, once. */
static void child_ended(struct reader *r, int status)
{
	uint64_t now = monotonic_ns(), took = now - r->began_ns;
	bool is_text = WIFEXITED(status) && WEXITSTATUS(status) <= 1;

	r->child = 0;
	if (r->text < 0)
		return;
	if (r->with_spool || !r->source.spool)
		r->source.quiet = WIFEXITED(status) && WEXITSTATUS(status) == 1;
	answer(r, is_text ? SCRAPE_TEXT : SCRAPE_NOTHING);
	close(r->text);
	r->asked = false;
	r->rest_ns = now + (took < REST_MOST_NS ? took : REST_MOST_NS);
}

/* Waits in the kernel for a file system end no earlier than the file system lets them. */
static void child_overdue(struct reader *r)
{
	kill(r->child, SIGKILL);
	close(r->text);
	r->text = -1;
	if (r->with_spool) {
		if (!r->source.quiet)
			fprintf(stderr,
				"raypss metrics: \"%s\" does not answer: its totals are left out "
				"until it does\n",
				r->source.spool);
		r->source.quiet = true;
		r->spool_ns = monotonic_ns() + SPOOL_PAUSE_NS;
		r->hung = r->child;
		r->child = 0;
		return;
	}
	fputs("raypss metrics: the names of users cannot be read in time\n", stderr);
	answer(r, SCRAPE_NOTHING);
	r->asked = false;
}

static void children_reap(struct reader *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == r->http) {
			r->http = 0;
			if (WIFSIGNALED(status))
				fprintf(stderr,
					"raypss metrics: raypss-http was ended by signal %d\n",
					WTERMSIG(status));
		} else if (pid == r->hung) {
			r->hung = 0;
		} else if (pid == r->child) {
			child_ended(r, status);
		}
	}
}

static void signals_take(struct reader *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			children_reap(r);
		else
			r->ended = true;
	}
}

static void request_take(struct reader *r)
{
	char request;
	ssize_t n = recv(r->socket, &request, 1, MSG_DONTWAIT);

	if (n == 1 && request == SCRAPE_REQUEST)
		r->asked = true;
}

/* Milliseconds until something is due, -1 = nothing is. */
static int due_ms(const struct reader *r)
{
	uint64_t now = monotonic_ns();
	uint64_t due = r->child && r->text >= 0 ? r->until_ns : r->rest_ns;

	/* A child that was killed wakes by its signal. */
	if (!r->asked || (r->child && r->text < 0))
		return -1;
	return due > now ? (int)((due - now) / NS_PER_MS) + 1 : 0;
}

static void serve(struct reader *r)
{
	while (r->http && !r->ended) {
		struct pollfd fds[] = { { r->signals, POLLIN, 0 }, { r->socket, POLLIN, 0 } };

		poll(fds, r->asked ? 1 : 2, due_ms(r));
		signals_take(r);
		if (!r->asked)
			request_take(r);
		if (r->child && r->text >= 0 && monotonic_ns() >= r->until_ns)
			child_overdue(r);
		if (r->asked && monotonic_ns() >= r->rest_ns)
			request_serve(r);
	}
}

static int signals_open(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, NULL);
	return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* 0 or -errno. */
static int start(struct reader *r, int listen_fd)
{
	int pair[2], rc;
	sigset_t set;

	r->signals = signals_open(&set);
	if (r->signals < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	r->socket = pair[0];
	rc = http_start(listen_fd, pair[1], &r->http);
	close(pair[1]);
	close(listen_fd);
	return rc;
}

int scrape_reader_run(int listen_fd, const struct metrics_source *source)
{
	struct reader r = { .source = *source, .text = -1 };
	int rc = start(&r, listen_fd);

	r.source.spool_ns = SPOOL_NS;
	if (rc) {
		fprintf(stderr, "raypss metrics: cannot start \"" HTTP_PATH "\": %s\n",
			strerror(-rc));
		return rc;
	}
	serve(&r);
	if (r.child)
		kill(r.child, SIGKILL);
	/* The server ends with its socket, and with this process at the latest. */
	close(r.socket);
	close(r.signals);
	return r.ended ? 0 : -EPIPE;
}

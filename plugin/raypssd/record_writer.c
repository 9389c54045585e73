/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/record_writer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/fds.h"
#include "plugin/common/paths.h"
#include "plugin/confine/writer_confine.h"
#include "results/spool.h"

/* Descriptors of the writer. */
enum { WRITER_SOCKET = STDERR_FILENO + 1, WRITER_REQUEST, WRITER_FDS };

/* What a writer gets that did not answer the last time. */
#define STUCK_WAIT_NS (50 * NS_PER_MS)

/*
 * Keeps what the writer needs and nothing else: slurmstepd's socket has to close with raypssd. The
 * rest is closed first, so that there is room to move these two, however few descriptors are allowed.
 */
static void descriptors_take(int socket, struct record_desk *desk)
{
	const int kept[] = { socket, desk->publisher.request };
	int request = desk->publisher.request;

	fds_close_but(WRITER_SOCKET, kept, sizeof(kept) / sizeof(*kept));
	if (request == WRITER_SOCKET)
		request = dup(request);
	dup2(socket, WRITER_SOCKET);
	if (request >= 0)
		request = dup2(request, WRITER_REQUEST);
	fds_close_from(request < 0 ? WRITER_REQUEST : WRITER_FDS);
	desk->publisher.request = request;
	desk->publisher.answer = -1;
}

static void answer(int rc)
{
	/* The peer is gone. The next receive reports that, so ignore the error here. */
	(void)!send(WRITER_SOCKET, &rc, sizeof(rc), MSG_NOSIGNAL);
}

static void writer_run(pid_t raypssd, const int pair[2], struct record_desk *desk)
{
	char request;

	prctl(PR_SET_NAME, "raypss-writer");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != raypssd)
		_exit(EXIT_FAILURE);
	/* Room for the directory of what is to be closed. */
	close(pair[0]);
	descriptors_take(pair[1], desk);
	/* The block is raypssd's to write. */
	mprotect((void *)desk->block, sizeof(*desk->block), PROT_READ);
	/* Here and not in raypssd: a file system may let nobody open it for hours. */
	desk->spool = spool_open(desk->spool_path);
	answer(writer_confine(desk->spool, STATE_DIR));
	while (recv(WRITER_SOCKET, &request, sizeof(request), 0) == sizeof(request))
		answer(record_do(desk, (enum record_request)request));
	_exit(EXIT_SUCCESS);
}

int record_writer_start(struct record_writer *w, struct record_desk *desk)
{
	pid_t raypssd = getpid(), pid;
	int pair[2], error;

	*w = (struct record_writer){ .socket = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid == 0)
		writer_run(raypssd, pair, desk);
	error = errno;
	close(pair[1]);
	if (desk->publisher.request >= 0)
		close(desk->publisher.request);
	if (pid < 0) {
		close(pair[0]);
		return -error;
	}
	w->socket = pair[0];
	w->late = 1;
	return 0;
}

static int answer_wait(struct record_writer *w, uint64_t until_ns, int *rc)
{
	ssize_t n;

	for (;;) {
		struct pollfd fd = { .fd = w->socket, .events = POLLIN };
		uint64_t now = monotonic_ns();
		int ready = now < until_ns
			? poll(&fd, 1, (int)((until_ns - now + NS_PER_MS - 1) / NS_PER_MS))
			: 0;

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready > 0)
			break;
		if (errno != EINTR)
			return -errno;
	}
	n = recv(w->socket, rc, sizeof(*rc), MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	return n == sizeof(*rc) ? 0 : -EPIPE;
}

/* Answers that came too late belong to earlier requests. */
static int late_take(struct record_writer *w, uint64_t until_ns)
{
	while (w->late) {
		int value, rc = answer_wait(w, until_ns, &value);

		if (rc)
			return rc;
		w->late--;
		if (!w->greeted)
			w->unconfined = value;
		w->greeted = true;
	}
	return 0;
}

int record_writer_ask(struct record_writer *w, enum record_request request, uint64_t wait_ns)
{
	uint64_t until_ns = monotonic_ns() + wait_ns;
	char byte = (char)request;
	int rc, value = 0;

	if (w->socket < 0)
		return -ENOTCONN;
	rc = late_take(w, w->is_stuck ? monotonic_ns() + STUCK_WAIT_NS : until_ns);
	w->is_stuck = rc == -ETIMEDOUT;
	if (rc)
		return rc;
	if (send(w->socket, &byte, sizeof(byte), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	rc = answer_wait(w, until_ns, &value);
	if (rc == -ETIMEDOUT)
		w->late++;
	w->is_stuck = rc == -ETIMEDOUT;
	return rc ? rc : value;
}

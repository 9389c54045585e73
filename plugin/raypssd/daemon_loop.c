/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/daemon_loop.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/units.h"
#include "plugin/raypssd/daemon_end.h"
#include "plugin/raypssd/daemon_look.h"
#include "plugin/raypssd/reply.h"

/* The descriptors that are always polled. The accountant's follow. */
enum { FD_SOCKET, FD_PUBLISHER, FD_FIXED };

/* Slurm polls once per task that ends, too. */
static void sample_renew(struct daemon *d)
{
	if (!d->finished && monotonic_ns() - d->account.last.at_ns >= d->block->min_interval_ns)
		daemon_look_take(d, accountant_tick);
}

/* Should raypssd die meanwhile, the next one serves the request again. */
static void request_serve(struct daemon *d, unsigned request)
{
	atomic_store(&d->block->serving, request);
	switch (request) {
	case MESSAGE_TASKS:
		daemon_look_tasks(d);
		break;
	case MESSAGE_BEGIN:
		daemon_look_tasks(d);
		daemon_look_take(d, accountant_look);
		reply(MESSAGE_BEGUN, "");
		break;
	case MESSAGE_SAMPLE:
		sample_renew(d);
		break;
	case MESSAGE_PUBLISH:
		daemon_end_tasks(d);
		break;
	case MESSAGE_FINISH:
		daemon_end_step(d);
		break;
	default:
		break;
	}
	atomic_store(&d->block->serving, 0);
}

/* Takes one request. False: slurmstepd is gone. */
static bool request_take(struct daemon *d)
{
	char byte;
	ssize_t n = recv(RAYPSSD_SOCKET, &byte, 1, MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	request_serve(d, (unsigned char)byte);
	return true;
}

/* NULL: no sample is due any more. */
static const struct timespec *timeout_of(const struct daemon *d, struct timespec *timeout)
{
	uint64_t now = monotonic_ns(), due = accountant_due_ns(d->accountant);

	*timeout = timespec_of(due > now ? due - now : 0);
	return d->finished ? NULL : timeout;
}

void daemon_loop_run(struct daemon *d)
{
	unsigned interrupted = atomic_load(&d->block->serving);
	bool connected = true;

	if (interrupted)
		request_serve(d, interrupted);
	while (connected) {
		struct pollfd fds[FD_FIXED + ACCOUNTANT_WATCHED] = {
			[FD_SOCKET] = { .fd = RAYPSSD_SOCKET, .events = POLLIN },
			[FD_PUBLISHER] = { .fd = d->publisher.answer, .events = POLLIN },
		};
		struct timespec timeout;

		for (int i = FD_FIXED; i < FD_FIXED + ACCOUNTANT_WATCHED; i++)
			fds[i].fd = -1;
		if (!d->finished)
			accountant_watch(d->accountant, fds + FD_FIXED);
		if (ppoll(fds, FD_FIXED + ACCOUNTANT_WATCHED, timeout_of(d, &timeout), NULL) < 0 &&
			errno != EINTR)
			break;
		if (!d->finished && accountant_woken(d->accountant, fds + FD_FIXED))
			daemon_end_kill(d);
		if (fds[FD_PUBLISHER].revents)
			daemon_end_published(d);
		if (fds[FD_SOCKET].revents)
			connected = request_take(d);
		else if (!d->finished && accountant_due_ns(d->accountant) <= monotonic_ns())
			daemon_look_take(d, accountant_tick);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/hang.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/pid_read.h"

int hang_watch_create(struct hang_watch *w)
{
	void *shared = mmap(NULL, sizeof(*w->shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*w = (struct hang_watch){ .timer = -1 };
	if (shared == MAP_FAILED)
		return -errno;
	w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (w->timer < 0) {
		int error = errno;

		munmap(shared, sizeof(*w->shared));
		return -error;
	}
	w->shared = shared;
	return 0;
}

static void timer_set(const struct hang_watch *w, uint64_t ns)
{
	const struct itimerspec in = { .it_value = timespec_of(ns) };

	/* Both descriptor and time are good: there is nothing that could fail. */
	(void)timerfd_settime(w->timer, 0, &in, NULL);
}

void hang_look_begin(const struct hang_watch *w)
{
	if (!w->shared)
		return;
	reading_note(&w->shared->reading, 0);
	atomic_store(&w->shared->looking, true);
	timer_set(w, HANG_FIRST_NS);
}

void hang_look_end(const struct hang_watch *w)
{
	if (!w->shared)
		return;
	atomic_store(&w->shared->looking, false);
	timer_set(w, 0);
}

void hang_timer_take(const struct hang_watch *w)
{
	uint64_t times;

	/* The accountant may have cleared the timer meanwhile. */
	(void)!read(w->timer, &times, sizeof(times));
}

/* S and D wait. R is on a CPU or waits for one; T was stopped, and goes on soon. */
static bool process_waits(pid_t pid)
{
	struct pid_stat stat;
	char path[PROC_PATH];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return pid_stat_read_at(AT_FDCWD, path, &stat) == 0 &&
		(stat.state == 'S' || stat.state == 'D');
}

struct hang_view hang_view_of(const struct hang_watch *w, pid_t pid)
{
	pid_t held_by = atomic_load(&w->shared->reading.pid);

	return (struct hang_view){
		.now_ns = monotonic_ns(),
		.looking = atomic_load(&w->shared->looking),
		.count = atomic_load(&w->shared->reading.count),
		.waits = process_waits(pid),
		.held = held_by > 0 && process_waits(held_by),
	};
}

enum hang_verdict hang_check(struct hang_read *r, const struct hang_view *view)
{
	uint64_t waited_ns;
	bool hung;

	if (!view->looking)
		return HANG_OVER;
	if (!view->waits || view->count != r->count || !r->since_ns) {
		*r = (struct hang_read){ .count = view->count, .since_ns = view->now_ns };
		return HANG_WAIT;
	}
	waited_ns = view->now_ns - r->since_ns;
	r->seen++;
	if (view->urgent && view->held)
		hung = waited_ns >= HANG_URGENT_NS && r->seen >= HANG_URGENT_SEEN;
	else
		hung = waited_ns >= HANG_NS && r->seen >= HANG_SEEN;
	return hung ? HANG_HUNG : HANG_WAIT;
}

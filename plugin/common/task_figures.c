/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/task_figures.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The writer needs two samples within one copy to disturb it. */
enum { TRIES = 4 };

static size_t size_of(uint32_t tasks_n)
{
	return offsetof(struct task_sample, tasks) + tasks_n * sizeof(struct task_figure);
}

void task_figures_write(struct task_figures *figures, const struct task_sample *sample)
{
	unsigned written = atomic_load_explicit(&figures->written, memory_order_relaxed) + 1;

	/* 0 means "no sample yet", so the counter skips it when it wraps. */
	if (!written)
		written = 2;
	atomic_thread_fence(memory_order_release);
	memcpy(&figures->samples[written % 2], sample, size_of(sample->tasks_n));
	atomic_store_explicit(&figures->written, written, memory_order_release);
}

static bool is_sane(const struct task_sample *s, uint64_t most)
{
	if (s->footprint > most)
		return false;
	for (uint32_t i = 0; i < s->tasks_n; i++) {
		const struct task_figure *t = &s->tasks[i];

		if (t->now == UNKNOWN && t->peak == UNKNOWN)
			continue;
		if (t->peak > most || t->now > t->peak)
			return false;
	}
	return true;
}

int task_figures_read(const struct task_figures *figures, uint64_t most, struct task_sample *out)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned written = atomic_load_explicit(&figures->written, memory_order_acquire);
		const struct task_sample *from = &figures->samples[written % 2];
		uint32_t n;

		if (!written)
			return -ENODATA;
		memcpy(out, from, size_of(0));
		/* The count is checked in the copy: the writer may change the original. */
		n = out->tasks_n;
		if (n <= TASK_FIGURES_MAX)
			memcpy(out->tasks, from->tasks, n * sizeof(*out->tasks));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&figures->written, memory_order_relaxed) == written)
			return n <= TASK_FIGURES_MAX && is_sane(out, most) ? 0 : -EINVAL;
	}
	return -EAGAIN;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of each task of a step on this node, as raypssd tells it to ray_pss.so through the
 * shared block. One process writes, one thread of slurmstepd reads; neither waits for the other.
 */
#ifndef RAYPSS_TASK_FIGURES_H
#define RAYPSS_TASK_FIGURES_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/unknown.h"

/* Most tasks of a step on one node for which figures are told. */
enum { TASK_FIGURES_MAX = 1024 };

/* Bytes. Both are UNKNOWN until a sample has seen a process of the task. */
struct task_figure {
	uint32_t task; /* global task id within the step, S_TASK_GLOBAL_ID */
	uint32_t reserved;
	/* Part of the footprint. Once the task has no process left, the last value stays. */
	uint64_t now;
	uint64_t peak; /* greatest now, never shrinks */
};

/*
 * One sample. The values of now of all tasks that still run add up to the footprint, except shortly
 * after a task's end (plugin/raypssd/task_shares.h).
 */
struct task_sample {
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	uint64_t footprint; /* of the step on this node, bytes */
	uint32_t tasks_n;
	uint32_t reserved;
	struct task_figure tasks[TASK_FIGURES_MAX]; /* in the order of their local task ids */
};

/* samples[written % 2] is whole whenever the writer is stopped. written is 0 before the first. */
struct task_figures {
	atomic_uint written;
	struct task_sample samples[2];
};

/* Publishes a sample. Only one thread of one process may write. */
void task_figures_write(struct task_figures *figures, const struct task_sample *sample);

/*
 * Copies the last sample to out, and checks it, because the writer is another process. most: the
 * memory and swap of the node, bytes. out is undefined after an error.
 * 0 or -errno. -ENODATA: no sample yet. -EAGAIN: the writer was faster, several times in a row.
 * -EINVAL: more tasks than fit, or a figure above most, or now above peak.
 */
int task_figures_read(const struct task_figures *figures, uint64_t most, struct task_sample *out);

#endif

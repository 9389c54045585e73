/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Divides the footprint of a step among its tasks on this node, for Slurm's figures of each task. A
 * task gets the shares of its processes. What belongs to no task that runs (a daemon whose
 * origin is not known, the processes that a task left behind, a store that nobody maps) is spread
 * over the tasks that run by their shares, or evenly where these are 0. So their sum is the
 * footprint.
 *
 * A task's end hands its part of a store to the tasks that still map it, and for a moment also memory
 * that the totals do not show as freed yet (the kernel brings memory.stat up to date every 2 s). The
 * tasks of a step end within moments, and none of them needed that memory. So for
 * TASK_SHARES_SETTLE_NS after an end a task's figure grows only by memory that its own processes
 * have taken or begun to map since. The sum is then below the footprint: the rest is nobody's need,
 * and the figures of the tasks that ended are final in Slurm, so they cannot have it. OverMemoryKill
 * is not concerned, for it compares the footprint itself.
 * Pure.
 */
#ifndef RAYPSS_TASK_SHARES_H
#define RAYPSS_TASK_SHARES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "measure/look.h"
#include "plugin/common/task_figures.h"

#define TASK_SHARES_SETTLE_NS (3 * NS_PER_S)

/* A zeroed struct has no tasks. */
struct task_shares {
	struct task_sample sample; /* as told last; a task's index is its local id */
	/* At the last look: memory that the task's processes had and mapped; whether it had any. */
	uint64_t own[TASK_FIGURES_MAX];
	bool ran[TASK_FIGURES_MAX];
	uint64_t settles_ns; /* when an end is no longer recent */
};

/* Makes the task known. Of more than TASK_FIGURES_MAX tasks nothing is told. */
void task_shares_add(struct task_shares *s, uint32_t local, uint32_t global);

/* Goes on with the figures that another raypssd told: its peaks stay peaks. */
void task_shares_resume(struct task_shares *s, const struct task_figures *told);

/* Takes a look into the sample. False where it says nothing of tasks, so there is nothing to tell. */
bool task_shares_take(struct task_shares *s, const struct look *look);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Divides the footprint of a step among its tasks on this node, for Slurm's figures of each task. A
 * task gets the shares of its processes. What belongs to no task that runs (a daemon whose
 * origin is not known, the processes that a task left behind, a store that nobody maps) is spread
 * over the tasks that run by their shares, or evenly where these are 0. So their sum is the
 * footprint. Pure.
 */
#ifndef RAYPSS_TASK_SHARES_H
#define RAYPSS_TASK_SHARES_H

#include <stdbool.h>

#include "measure/look.h"
#include "plugin/common/task_figures.h"

/* A zeroed struct has no tasks. */
struct task_shares {
	struct task_sample sample; /* as told last; a task's index is its local id */
	uint32_t ran; /* tasks that ran at the last look */
	bool passed; /* the last look was passed over */
};

/* Makes the task known. Of more than TASK_FIGURES_MAX tasks nothing is told. */
void task_shares_add(struct task_shares *s, uint32_t local, uint32_t global);

/* Goes on with the figures that another raypssd told: its peaks stay peaks. */
void task_shares_resume(struct task_shares *s, const struct task_figures *told);

/*
 * Takes a look into the sample. False where it says nothing, so that there is nothing to tell. A look
 * at which fewer tasks run than at the last one is such: the totals may still have the memory of
 * those that just ended. Of such looks in a row every second one counts.
 */
bool task_shares_take(struct task_shares *s, const struct look *look);

#endif

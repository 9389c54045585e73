/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the figures of raypssd into Slurm's figures of the tasks (struct jobacctinfo), behind a poll
 * of Slurm's accounting plugin. Runs in slurmstepd's poll, under its lock of the task list: no
 * allocation, no lock, no wait, no system call.
 */
#ifndef RAYPSS_TASK_UPDATE_H
#define RAYPSS_TASK_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/task_figures.h"
#include "plugin/spank/exact/jobacct_layout.h"

struct task_update {
	/* Set by the caller. */
	struct jobacct_api api;
	struct jobacct_layout layout;
	uint32_t tasks; /* of this step on this node, TASK_FIGURES_MAX at most */
	uint32_t first_task; /* the lowest of their global task ids */

	/*
	 * Slurm adds the tasks of earlier components of a heterogeneous step to the global task id
	 * in struct jobacctinfo, SPANK does not. The difference is learnt at the first poll that
	 * has all tasks.
	 */
	bool offset_known;
	uint64_t offset;
	uint32_t listed_n;
	bool overflow;
	void *listed[TASK_FIGURES_MAX]; /* struct jobacctinfo of this poll */
};

/* What the list holds, for the comparison with the limit. */
struct task_list_sums {
	uint32_t tasks;
	uint64_t virtual; /* bytes of virtual memory, as Slurm adds them up */
};

/*
 * Writes now and peak of each task that the sample knows, rounded up to KiB, into Slurm's figures
 * in list (a list_t of struct jobacctinfo). A task that the sample does not know keeps what Slurm
 * put there. sample may be NULL: nothing is written.
 */
struct task_list_sums task_update(
	struct task_update *u, void *list, const struct task_sample *sample);

#endif

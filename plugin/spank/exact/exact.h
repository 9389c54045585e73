/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes Slurm's own figures of a step exact: MaxRSS, AveRSS, TRESUsageIn*, sstat and OverMemoryKill
 * use the footprint that raypssd measures, with every accounting plugin and without a page walk.
 *
 * slurmstepd polls its accounting plugin through a table of functions. exact_take puts a function of
 * ours in place of the poll. It calls the plugin's poll, and then writes the memory of each task.
 * While it is in place OverMemoryKill is ours, too: it compares the footprint with the limit.
 *
 * Only for the one slurmstepd that runs the step; one step per process.
 */
#ifndef RAYPSS_EXACT_H
#define RAYPSS_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/common/task_figures.h"
#include "plugin/spank/exact/exact_proof.h"

struct exact_step {
	/* In the shared block. Must stay mapped until exact_give_back returns 0. */
	const struct task_figures *figures;
	uint32_t tasks; /* of the step on this node */
	uint32_t first_task; /* lowest S_JOB_LOCAL_TO_GLOBAL_ID of these */
	/*
	 * A sample older than this says nothing about now. OverMemoryKill then does not act, for
	 * Slurm's own sum counts shared memory several times. The tasks keep their last figures.
	 */
	uint64_t fresh_ns;
	/*
	 * Called from slurmstepd's poll, before the plugin's: asks raypssd for a sample. Must not
	 * block, allocate or lock. May be NULL.
	 */
	void (*ask)(void);
	void (*log)(const char *line); /* slurm_info or the like; called from the poll, too */
};

/*
 * Whether exact_take would succeed in this process; changes nothing. Otherwise why gets one line.
 * The caller has checked slurm_settings.readable, as for exact_take.
 */
bool exact_possible(uint32_t tasks, char why[EXACT_WHY]);

/*
 * Takes over; call it in init_post_opt, before the first task is forked. The figures of the step are
 * copied. 0, or -errno with why in one line; then everything is as before.
 */
int exact_take(const struct exact_step *step, char why[EXACT_WHY]);

/*
 * Puts the plugin's poll and OverMemoryKill back. May be called at any time and again. Where another
 * plugin has put its function over ours, ours stays behind it and only calls on.
 * 0, or -EBUSY: a poll has been using the figures for a second, so they must stay mapped.
 */
int exact_give_back(void);

#endif

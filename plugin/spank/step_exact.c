/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_exact.h"

#include <stdio.h>
#include <slurm/slurm.h>

#include "base/units.h"
#include "plugin/spank/exact/exact.h"
#include "plugin/spank/step_query.h"

/*
 * A sample older than this says nothing about now. raypssd that works tells one at each poll of
 * Slurm; raypssd that died tells the next one after a second.
 */
#define FRESH_NS (10 * NS_PER_S)

static struct raypssd_client *client;

/* In slurmstepd's poll: raypssd answers through the block. */
static void sample_ask(void)
{
	(void)raypssd_client_ask(client, MESSAGE_SAMPLE);
}

static void line_log(const char *line)
{
	slurm_info("ray_pss: %s", line);
}

/* The lowest of the step's global task ids on this node. */
static uint32_t first_task(spank_t sp, uint32_t tasks)
{
	uint32_t first = UINT32_MAX;

	for (uint32_t local = 0; local < tasks; local++) {
		uint32_t global;

		if (spank_get_item(sp, S_JOB_LOCAL_TO_GLOBAL_ID, local, &global) ==
				ESPANK_SUCCESS &&
			global < first)
			first = global;
	}
	return first;
}

bool step_exact_take(spank_t sp, const struct slurm_settings *settings, struct raypssd_client *c)
{
	uint32_t tasks = step_query_u32(sp, S_JOB_LOCAL_TASK_COUNT, 1);
	struct exact_step step = {
		.figures = &c->block->task_figures,
		.tasks = tasks,
		.fresh_ns = FRESH_NS,
		.ask = sample_ask,
		.log = line_log,
	};
	/* Later releases have no text for JobAcctGatherType if it is none. */
	char why[EXACT_WHY] = "built for another Slurm release, or JobAcctGatherType is none";

	if (settings->readable && tasks <= TASK_FIGURES_MAX) {
		step.first_task = first_task(sp, tasks);
		client = c;
		if (exact_take(&step, why) == 0)
			return true;
	} else if (settings->readable) {
		snprintf(why, sizeof(why), "more than %d tasks on this node", TASK_FIGURES_MAX);
	}
	slurm_info("ray_pss: maxrss=exact is refused: %s", why);
	return false;
}

void step_exact_give_back(struct raypssd_client *c)
{
	if (exact_give_back() == 0)
		return;
	slurm_error("ray_pss: Slurm's poll does not end; the shared block stays in memory");
	c->block_kept = true;
}

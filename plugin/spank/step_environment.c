/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_environment.h"

#include <stdio.h>
#include <string.h>
#include <slurm/slurm.h>

#include "base/units.h"
#include "base/unknown.h"
#include "plugin/common/enclosing_step.h"
#include "plugin/common/paths.h"
#include "plugin/spank/node_name.h"
#include "plugin/spank/step_query.h"

#define STATE_ENV "RAYPSS_STATE"
#define LIMIT_ENV "RAYPSS_MEMORY_LIMIT"

bool step_environment_is_enclosed(spank_t sp, uint32_t job)
{
	char text[ENCLOSING_STEP_SIZE];

	return spank_getenv(sp, ENCLOSING_STEP_ENV, text, sizeof(text)) == ESPANK_SUCCESS &&
		enclosing_step_is_of_job(text, job);
}

void step_environment_of_members(spank_t sp, const struct step_info *info, struct shm_block *block)
{
	char text[32], host[NODE_SIZE];

	/* Components of a het job have the leader's job id in their environment. */
	if (spank_getenv(sp, "SLURM_JOB_ID", text, sizeof(text) - 16) == ESPANK_SUCCESS)
		snprintf(block->env_job, sizeof(block->env_job), "SLURM_JOB_ID=%.16s", text);
	else
		snprintf(block->env_job, sizeof(block->env_job), "SLURM_JOB_ID=%u", info->job);
	if (strspn(info->step, "0123456789"))
		snprintf(block->env_step, sizeof(block->env_step), "SLURM_STEP_ID=%.12s",
			info->step);
	/* Several slurmd on one host: only the node's name tells the processes of their steps apart. */
	node_host_name(host);
	if (strcmp(info->node, host) != 0)
		snprintf(
			block->env_node, sizeof(block->env_node), "SLURMD_NODENAME=%s", info->node);
}

void step_environment_clear(spank_t sp)
{
	spank_unsetenv(sp, STATE_ENV);
	spank_unsetenv(sp, LIMIT_ENV);
}

void step_environment_set(spank_t sp, const struct step_info *info, uint64_t limit)
{
	char text[PATH_MAX];

	step_environment_clear(sp);
	if (limit != UNKNOWN) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
		spank_setenv(sp, LIMIT_ENV, text, 1);
	}
	spank_setenv(sp, STATE_ENV, state_path(info, text, sizeof(text)), 1);
	if (step_info_is_enclosing(info->step))
		spank_setenv(sp, ENCLOSING_STEP_ENV, enclosing_step_format(info, text), 1);
}

/* The parts of the memory that Ray itself takes for the store and for tasks (ray_constants.py). */
#define RAY_STORE_PART 0.3
#define RAY_TASKS_PART 0.7

/*
 * Ray's monitor looks every 250 ms unless told otherwise, and then takes some time to end tasks. Memory
 * that grows by 1 GiB/s must not reach the limit meanwhile. Ray's own threshold is 95 %, too late for a
 * small limit.
 */
#define RAY_REFRESH_MS "100"
#define RAY_MARGIN (512 * MIB)
#define RAY_THRESHOLD_USUAL 0.95
#define RAY_THRESHOLD_LEAST 0.7

static double ray_threshold(uint64_t limit)
{
	double threshold = 1 - (double)RAY_MARGIN / (double)limit;

	if (threshold > RAY_THRESHOLD_USUAL)
		return RAY_THRESHOLD_USUAL;
	return threshold < RAY_THRESHOLD_LEAST ? RAY_THRESHOLD_LEAST : threshold;
}

/* RAY_OVERRIDE_RESOURCES comes before what the command says, so the command must not say it. */
static bool memory_is_the_command_s(spank_t sp)
{
	char **argv = NULL;
	int argc = 0;

	/* The command of a batch step is in its script. */
	if (step_query_id(sp) == SLURM_BATCH_SCRIPT ||
		spank_get_item(sp, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS)
		return true;
	for (int i = 0; i < argc && argv[i]; i++)
		if (!strncmp(argv[i], "--memory", strlen("--memory")))
			return true;
	return false;
}

void step_environment_ray(spank_t sp, uint64_t limit)
{
	char text[64];

	snprintf(text, sizeof(text), "%.0f", (double)limit * RAY_STORE_PART);
	spank_setenv(sp, "RAY_DEFAULT_OBJECT_STORE_MAX_MEMORY_BYTES", text, 0);
	snprintf(text, sizeof(text), "%.2f", ray_threshold(limit));
	spank_setenv(sp, "RAY_memory_usage_threshold", text, 0);
	spank_setenv(sp, "RAY_memory_monitor_refresh_ms", RAY_REFRESH_MS, 0);
	if (memory_is_the_command_s(sp))
		return;
	snprintf(text, sizeof(text), "{\"memory\":%.0f}", (double)limit * RAY_TASKS_PART);
	spank_setenv(sp, "RAY_OVERRIDE_RESOURCES", text, 0);
}

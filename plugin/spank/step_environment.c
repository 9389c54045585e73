/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_environment.h"

#include <stdio.h>
#include <string.h>

#include "base/unknown.h"
#include "plugin/common/enclosing_step.h"
#include "plugin/common/paths.h"
#include "plugin/spank/node_name.h"

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

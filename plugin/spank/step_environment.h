/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment of the step's tasks: what we read there, and what we set. */
#ifndef RAYPSS_STEP_ENVIRONMENT_H
#define RAYPSS_STEP_ENVIRONMENT_H

#include <slurm/spank.h>
#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/shm_block.h"

/* Whether the step was started from an accounted batch or interactive step of the same job. */
bool step_environment_is_enclosed(spank_t sp, uint32_t job);

/* Fills in env_job, env_step and env_node: by these raypssd knows processes of the step. */
void step_environment_of_members(spank_t sp, const struct step_info *info, struct shm_block *block);

/* Sets RAYPSS_STATE and its like for the tasks. limit: bytes, UNKNOWN = none. */
void step_environment_set(spank_t sp, const struct step_info *info, uint64_t limit);

/* Of a step that is not accounted: removes what the accounted step around it left there. */
void step_environment_clear(spank_t sp);

/*
 * Tells Ray the limit, in bytes, by its own variables; what the user has set stays. By them Ray sizes
 * its object store and the memory that tasks may ask for, and decides when to end tasks.
 */
void step_environment_ray(spank_t sp, uint64_t limit);

#endif

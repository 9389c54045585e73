/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What SPANK says about the step, with the gaps of single releases filled from other places. */
#ifndef RAYPSS_STEP_QUERY_H
#define RAYPSS_STEP_QUERY_H

#include <slurm/spank.h>
#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/maxrss_rule.h"
#include "results/step_info.h"

/* An item that is a number of 32 bits; otherwise: the value if SPANK does not have it. */
uint32_t step_query_u32(spank_t sp, spank_item_t item, uint32_t otherwise);

/* Slurm's number of the step, SLURM_BATCH_SCRIPT and the like among them. */
uint32_t step_query_id(spank_t sp);

/* The step's memory on this node in bytes, UNKNOWN = no limit. */
uint64_t step_query_limit(spank_t sp);

/* How often the job was restarted. Final in task_init only. */
uint32_t step_query_restarts(spank_t sp);

/*
 * Whether the step is Ray's by its environment, by its command, or, of a batch step, by its script; see
 * ray_command.h.
 */
bool step_query_is_ray(spank_t sp);

/* What slurmstepd's configuration says. Its texts stay Slurm's. */
struct slurm_settings step_query_settings(spank_t sp);

/* Fills in what does not change while the step runs. */
void step_query_info(spank_t sp, const struct slurm_settings *settings, struct step_info *info);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is decided before a step is accounted, by the site, the user and the step itself. */
#ifndef RAYPSS_STEP_PLAN_H
#define RAYPSS_STEP_PLAN_H

#include <slurm/spank.h>

#include "plugin/common/maxrss_rule.h"
#include "plugin/common/plugstack.h"
#include "plugin/common/shm_block.h"
#include "plugin/common/step_options.h"
#include "plugin/spank/raypssd_client.h"

/* PLAN_WATCH: accounted as soon as a raylet appears in the step. */
enum step_plan { PLAN_NOTHING, PLAN_WATCH, PLAN_ACCOUNT };

enum step_plan step_plan(spank_t sp, const struct site *site, const struct step_options *options);

/* What MaxRSS of a step comes from whose MaxRSS the plugin leaves alone. */
enum corrected step_plan_maxrss_left(const struct slurm_settings *settings);

/*
 * Corrects Slurm's MaxRSS if that is wanted and worth its cost, and logs a line if a user could
 * change a refusal. Where maxrss=exact is refused, the rule of maxrss=auto decides. What MaxRSS of
 * this step comes from. limit: bytes, UNKNOWN = none. c: see step_exact_take.
 */
enum corrected step_plan_maxrss(spank_t sp, const struct site *site,
	const struct step_options *options, const struct slurm_settings *settings, uint64_t limit,
	struct raypssd_client *c);

/* Fills in what raypssd must know, but for the step_info. */
void step_plan_block(spank_t sp, const struct step_info *info, const struct site *site,
	const struct step_options *options, const struct slurm_settings *settings,
	struct shm_block *block);

#endif

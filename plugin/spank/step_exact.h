/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maxrss=exact for the step of this slurmstepd. */
#ifndef RAYPSS_STEP_EXACT_H
#define RAYPSS_STEP_EXACT_H

#include <slurm/spank.h>
#include <stdbool.h>

#include "plugin/common/maxrss_rule.h"
#include "plugin/spank/raypssd_client.h"

/*
 * Makes Slurm's figures of the step those of raypssd. The client has a block, and stays where it is
 * until step_exact_give_back. False: refused, and the log says why.
 */
bool step_exact_take(spank_t sp, const struct slurm_settings *settings, struct raypssd_client *c);

/*
 * Puts everything back; does nothing where nothing was taken. Before raypssd's socket is closed or
 * opened again. A block that a poll still reads is left mapped.
 */
void step_exact_give_back(struct raypssd_client *c);

#endif

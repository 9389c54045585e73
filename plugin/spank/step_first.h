/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first sample of a step, before its tasks execute their programs. */
#ifndef RAYPSS_STEP_FIRST_H
#define RAYPSS_STEP_FIRST_H

#include "plugin/spank/raypssd_client.h"
#include "plugin/spank/wait_budget.h"

/*
 * Waits until raypssd has seen all tasks, for a part of the budget at most. slurmstepd lets the tasks
 * go after that, so that raypssd knows the processes of a step that is over in a moment, too.
 */
void step_first_sample(struct raypssd_client *c, struct wait_budget *budget);

#endif

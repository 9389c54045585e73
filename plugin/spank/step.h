/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One accounted step in slurmstepd: what each hook does. Every function returns nothing and logs at
 * most a line: nothing here may fail a job.
 */
#ifndef RAYPSS_STEP_H
#define RAYPSS_STEP_H

#include <slurm/spank.h>

#include "plugin/common/plugstack.h"
#include "plugin/common/step_options.h"

/* init_post_opt: decides whether to account, corrects MaxRSS, starts raypssd. */
void step_begin(spank_t sp, const struct site *site, const struct step_options *options);

/* task_init_privileged, in the task's process: shows the step's limits if the user asked for that. */
void step_task_limits(spank_t sp);

/* task_init, in the task's process: reads what only the task's environment tells. */
void step_task_init(spank_t sp);

/* task_post_fork: tells raypssd the task. */
void step_task_begin(spank_t sp);

/* task_exit: after this node's last task publishes, and prints one line for people. */
void step_task_end(spank_t sp);

/* exit: has the record written and releases everything. */
void step_end(spank_t sp);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a step is not accounted, or not wholly, for the user who asked for it. In init_post_opt
 * slurmstepd has no connection to the user's terminal yet, so the reason is kept until a task starts.
 */
#ifndef RAYPSS_STEP_REFUSAL_H
#define RAYPSS_STEP_REFUSAL_H

#include "plugin/common/step_options.h"

/* init_post_opt: who did not ask for accounting, by option or variable, is told nothing. */
void step_refusal_begin(const struct step_options *options);

/* Keeps the first reason, in the form of printf, without newline. */
void step_refusal_keep(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Tells the reason once. From task_post_fork on the user reads it. */
void step_refusal_tell(void);

#endif

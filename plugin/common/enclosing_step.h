/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An accounted batch or interactive step names itself in the environment of its processes. The
 * steps that they start leave a short and quiet end to the enclosing step, which publishes for all
 * of them. The environment also reaches steps of other jobs: components of a het job, jobs that are
 * submitted from the job, and srun --jobid=OTHER. So the text names the job. Pure.
 */
#ifndef RAYPSS_ENCLOSING_STEP_H
#define RAYPSS_ENCLOSING_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "results/step_info.h"

#define ENCLOSING_STEP_ENV "RAYPSS_ENCLOSING_STEP"

/* Room for the text with its NUL. */
enum { ENCLOSING_STEP_SIZE = STEP_SIZE + 16 };

/* The text of a batch or interactive step: "JOB.STEP", such as "65.batch". Returns buf. */
char *enclosing_step_format(const struct step_info *info, char buf[ENCLOSING_STEP_SIZE]);

/* Whether the text names a batch or interactive step of the job. */
bool enclosing_step_is_of_job(const char *text, uint32_t job);

#endif

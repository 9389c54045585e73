/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was last published of a job. The file .published beside the job's records has it, so that
 * raypss publish --pending writes each change once:
 *   {"steps":{..},"totals":{..},"refused":TEXT}
 * refused: why the job's field cannot be written; it is tried again when the steps change.
 */
#ifndef RAYPSS_PUBLISHED_H
#define RAYPSS_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>

#include "results/job_step.h"

/* Notes these steps of the job, with the reason where they were refused, else NULL. 0 or -errno. */
int published_note(int jobs_fd, uint32_t job, const struct job_steps *steps, const char *refused);

/* Whether just these steps are noted. */
bool published_has(int jobs_fd, uint32_t job, const struct job_steps *steps);

#endif

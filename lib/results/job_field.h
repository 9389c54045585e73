/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a job field that sacct shows (AdminComment by default): one JSON object, whose key
 * "ray_pss" is ours and whose other keys stay. Pure. Grammar: ray_pss(8), RESULTS.
 */
#ifndef RAYPSS_JOB_FIELD_H
#define RAYPSS_JOB_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "results/job_step.h"

#define JOB_FIELD_KEY "ray_pss"
#define JOB_FIELD_VERSION 1

enum {
	JOB_FIELD_SIZE = 2048, /* most of our own part, bytes of text */
	FIELD_TEXT_SIZE = 1024 * 1024, /* a longer text is not parsed: a user may have written it */
	JOB_FIELD_STEPS = 10, /* how many steps stay of a job with more than fit: the worst */
};

/*
 * Sets the steps of the job's run number restart in the field's present text (NULL or "" = empty)
 * and gives the new text, to be freed. What an earlier run left goes. What is
 * known of one step is joined by job_step_join(). 0; -EEXIST
 * where the text is not a JSON object, too long, or nested more than 2048 deep (jansson's bound); -E2BIG where even the ten worst steps
 * do not fit; -ENOMEM.
 */
int job_field_merge(
	const char *text, uint32_t restart, const struct job_steps *steps, char **merged);

/*
 * Reads the entries of the last run that wrote the field. 0; -ENOENT where the text has none of
 * ours; -ENOMEM. *restart: that run.
 */
int job_field_read(const char *text, uint32_t *restart, struct job_steps *steps);

/* Whether a merge would change nothing. */
bool job_field_holds(const char *text, uint32_t restart, const struct job_steps *steps);

#endif

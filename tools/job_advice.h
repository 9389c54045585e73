/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice for a job or a step that was found. */
#ifndef RAYPSS_JOB_ADVICE_H
#define RAYPSS_JOB_ADVICE_H

#include "results/advice.h"
#include "tools/job_find.h"

/* Adds all that is known of it: records, or where there is none the entry for sacct. */
void job_advice(const struct job_found *f, struct advice *out);

/* A step as the entry for sacct knows it, in the form of a record. */
void job_advice_node(const struct job_step *s, struct job_node *out);

#endif

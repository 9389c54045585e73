/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as its records tell: one struct job_node per step and node. */
#ifndef RAYPSS_JOB_H
#define RAYPSS_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/job_node.h"
#include "results/job_step.h"

struct job {
	uint32_t number;
	uint32_t restart; /* the last run: after job_last_run() only that is left */
	bool lists; /* keep the lists of each record, which job_add() drops otherwise */
	struct job_node *nodes; /* allocated */
	size_t n;
};

/* Adds what a record says, if it is one of this job. 0, -EINVAL (it is not) or -ENOMEM. */
int job_add(struct job *j, const json_t *record);

/*
 * Leaves the records of the last run only, of a job that was requeued, in the order of their steps:
 * numbers, then names.
 */
void job_last_run(struct job *j);

/* The steps over their nodes. job_last_run() comes first. 0 or -ENOMEM. */
int job_steps_of(const struct job *j, struct job_steps *out);

/* Frees the records. */
void job_clear(struct job *j);

#endif

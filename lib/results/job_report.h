/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as a whole: its steps over nodes, and its nodes over steps. */
#ifndef RAYPSS_JOB_REPORT_H
#define RAYPSS_JOB_REPORT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "results/job.h"

/* What the job needed on one node (job_overlap.h). */
struct job_report_node {
	const char *node; /* the job's */
	uint64_t peak;
	size_t steps;
};

struct job_report {
	const struct job *job; /* the caller's, of its last run */
	struct job_steps steps;
	struct job_report_node *nodes; /* allocated */
	size_t nodes_n;
	uint64_t peak_of_nodes; /* the sum over nodes */
	uint64_t peak_of_one_node; /* the greatest */
};

/* Adds up a job after job_last_run(). The report points into the job. 0 or -ENOMEM. */
int job_report_make(const struct job *job, struct job_report *out);

/* Frees what job_report_make() allocated, not the job. */
void job_report_clear(struct job_report *r);

/*
 * {"job","restart","steps":{STEP:{..,"per_node":{NODE:{..}}}},"nodes":{NODE:{"peak","steps"}},
 * "total":{"nodes","peak_of_nodes","peak_of_one_node"}}, a new reference.
 */
json_t *job_report_json(const struct job_report *r);

#endif

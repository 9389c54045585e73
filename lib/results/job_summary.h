/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job in a bounded space: its worst steps, its unfinished steps, and totals of all steps. Each
 * write of a record updates the summary, so that a step's end need not read the records of all
 * earlier steps. The records know more than the summary if the job has many steps or wide ones;
 * raypss publish reads the records. Plain data of a fixed size.
 */
#ifndef RAYPSS_JOB_SUMMARY_H
#define RAYPSS_JOB_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "results/job_node.h"
#include "results/job_step.h"

enum {
	SUMMARY_STEPS = 32, /* more than a job's field has room for */
	SUMMARY_NODES = 16, /* of a step on more nodes, further ends are not counted */
	SUMMARY_SEEN = 8192, /* numbered steps that are counted exactly */
};

struct job_summary_step {
	struct job_step step;
	uint32_t ended[SUMMARY_NODES]; /* hashes of the names of nodes whose end is known */
	uint64_t known; /* nodes that wrote anything: a bit by node_index, as job_step.on */
};

struct job_summary {
	uint32_t restart;
	uint32_t n;
	uint64_t steps_seen;
	struct job_totals totals; /* of all steps */
	struct job_summary_step steps[SUMMARY_STEPS];
	uint32_t seen[SUMMARY_SEEN / 32]; /* a bit for each numbered step */
};

/* Adds what a node says of a step. A record of a later run than those before begins anew. */
void job_summary_add(struct job_summary *s, const struct job_node *n);

/*
 * Whether this node's records go into the summary. A step on more than SUMMARY_NODES nodes sends
 * about SUMMARY_NODES records and those with a verdict, because all nodes at once would wait for the
 * file's lock.
 */
bool job_summary_wants(const struct job_node *n);

/* The steps and, where there were more, totals. 0 or -ENOMEM. */
int job_summary_steps(const struct job_summary *s, struct job_steps *out);

/* Whether a node of the step other than this one wrote into the summary: their spool is the same. */
bool job_summary_has_others(const struct job_summary *s, const char *step, uint64_t node_index);

/* Whether all counts and texts lie within their arrays: of what was read from a file. */
bool job_summary_is_sane(const struct job_summary *s);

#endif

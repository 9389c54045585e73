/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step of a job over all nodes, as the job's field shows it, and lists of these. In JSON:
 * {"nodes":N,"reported":N,"peak":BYTES,"limit":BYTES,"rss":BYTES,"store":BYTES,"oom":VERDICT},
 * "node":NAME where the verdict is not none, and "on":"HEX" while the end is known on some nodes only: a bit for each of these.
 */
#ifndef RAYPSS_JOB_STEP_H
#define RAYPSS_JOB_STEP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "account/verdict.h"
#include "results/job_node.h"
#include "results/step_info.h"

/* Nodes of a step whose parts can be told apart. */
enum { JOB_STEP_NODES = 64 };

struct job_step {
	char step[STEP_SIZE];
	uint64_t nodes; /* of the step */
	uint64_t reported; /* nodes whose end is known */
	uint64_t
		on; /* which these are: a bit by node_index, of the first JOB_STEP_NODES; 0 = not known */
	/* Bytes, or UNKNOWN. */
	uint64_t peak; /* the greatest footprint on one node */
	uint64_t limit; /* of that node */
	uint64_t store; /* of that node */
	uint64_t rss; /* the greatest of all nodes */
	uint64_t left; /* on all nodes together, what stays in memory when the step is over */
	enum verdict oom; /* the worst of all nodes */
	char oom_node[NODE_SIZE]; /* the node that has it; "" = not known, or there is none */
};

/* What is said of a job that has more steps than its field has room for. */
struct job_totals {
	uint64_t steps; /* 0: the list of steps is complete, and there are no totals */
	uint64_t peak; /* the greatest of all steps, as rss */
	uint64_t rss;
};

/* Steps of one run of a job, each name once. */
struct job_steps {
	struct job_step *steps; /* allocated */
	size_t n;
	struct job_totals totals;
};

/* A step as one node alone knows it. */
struct job_step job_step_of(const struct job_node *n);

/* Adds one more node's view of the same step. reported is added up. */
void job_step_add(struct job_step *s, const struct job_step *more);

/*
 * Joins what two writers know of a step, in either order, any number of times: each writer may know
 * the end on other nodes. Where the nodes are not known, the view with more of them stays, else the
 * worse one.
 */
void job_step_join(struct job_step *s, const struct job_step *other);

/* Compares for qsort: steps with a memory flag first, then by peak, greatest first. */
int job_step_worst_first(const void *a, const void *b);

/* The step of that name, or NULL. */
struct job_step *job_steps_find(const struct job_steps *s, const char *name);

/* Adds a step behind the last. 0 or -ENOMEM. */
int job_steps_append(struct job_steps *s, const struct job_step *step);

/* Keeps the worst steps, at most most of them, and totals of all. Within the limit nothing changes. */
void job_steps_cut(struct job_steps *s, size_t most);

/* Totals of both, where the steps of one may be among those of the other: the greater counts. */
void job_totals_join(struct job_totals *t, const struct job_totals *more);

/* Frees the list. */
void job_steps_clear(struct job_steps *s);

/* {STEP:{..},..} without totals, a new reference. */
json_t *job_steps_json(const struct job_steps *s);

/* {"steps":N,"peak":BYTES,"rss":BYTES}, a new reference. */
json_t *job_totals_json(const struct job_totals *t);

/*
 * Reads these two. Keys that are not known are ignored, what has a wrong type is UNKNOWN, and steps
 * whose names are too long are left out. 0 or -ENOMEM.
 */
int job_steps_read(const json_t *object, struct job_steps *out);
void job_totals_read(const json_t *object, struct job_totals *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step on one node, read back from its record: what reports and job fields need of it. Figures
 * are in the units of the table of fields (fields.h), UNKNOWN where the record says null.
 */
#ifndef RAYPSS_JOB_NODE_H
#define RAYPSS_JOB_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "account/account.h"
#include "measure/look.h"
#include "results/step_info.h"

/* What Slurm's own MaxRSS of a step is made of. */
enum slurm_figure { FIGURE_RSS, FIGURE_PSS, FIGURE_FOOTPRINT };

enum end_how { END_COMPLETED, END_FAILED, END_SIGNALLED, END_RUNNING, END_LOST, END_UNTOLD };

struct job_node {
	char step[STEP_SIZE];
	char node[NODE_SIZE];
	uint64_t job;
	uint64_t restart;
	uint64_t nodes; /* of the step */
	uint64_t node_index; /* of this node in the step, from 0 */
	uint64_t start_ms; /* since the epoch */
	uint64_t elapsed_ns;
	uint64_t source; /* enum look_source */
	uint64_t corrected; /* enum corrected */
	uint64_t slurm_figure; /* enum slurm_figure */
	uint64_t slurm_kills; /* OverMemoryKill: 0 or 1 */
	uint64_t limit; /* bytes, as all that follow down to bound */
	uint64_t footprint; /* of the peak, as all that follow down to store */
	uint64_t private;
	uint64_t shared;
	uint64_t kernel;
	uint64_t swap;
	uint64_t file;
	uint64_t store;
	uint64_t rss_max;
	uint64_t job_bound; /* of the job on this node, as far as the step knew it */
	uint64_t left;
	uint64_t bound;
	uint64_t processes; /* of the peak */
	uint64_t samples;
	uint64_t inflation; /* hundredths */
	uint64_t verdict; /* enum verdict */
	uint64_t scope; /* enum kill_scope */
	uint64_t kills;
	uint64_t how; /* enum end_how */
	uint64_t code;
	uint64_t signal;
	uint64_t ended_s; /* since the epoch */
	struct look_object *objects; /* at the peak */
	size_t objects_n;
	/* Of the record top, tasks, oom, ray and elapsed, where they were kept; else NULL. */
	json_t *lists;
};

/* What the record of this account would say, without objects. Nothing is allocated. */
void job_node_of(const struct step_info *info, const struct account *account, struct job_node *out);

/*
 * Reads a record. Keys that are not known are ignored, and what has a wrong type is UNKNOWN or "".
 * A record of raypss run has no job (UNKNOWN) and no step (""). 0, -EINVAL where it is no record,
 * -ENOMEM.
 */
int job_node_read(const json_t *record, struct job_node *out);

/* A node of which nothing is known: every figure UNKNOWN, every text "". */
void job_node_unknown(struct job_node *out);

/* Keeps the record's lists of processes and names and its elapsed time, as references into it. */
void job_node_keep_lists(struct job_node *n, const json_t *record);

/* Frees what the reader allocated. */
void job_node_clear(struct job_node *n);

/* The node's part of a report: the same names and units as in the record, "peak." left out. */
json_t *job_node_json(const struct job_node *n);

/*
 * Compares as qsort's functions do: the greater verdict first, then the greater footprint, then a
 * node whose name is known.
 */
int job_node_worst_first(const struct job_node *a, const struct job_node *b);

/* Whether the step's end on this node is known. */
bool job_node_has_ended(const struct job_node *n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds what is known of a job: its records in the spools, what Slurm knows, the field for sacct. */
#ifndef RAYPSS_JOB_FIND_H
#define RAYPSS_JOB_FIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "results/job.h"
#include "results/job_step.h"
#include "tools/job_name.h"
#include "tools/spools.h"

struct job_found {
	struct job_name name;
	struct job job; /* its records, of its last run, with their lists; n = 0: there are none */
	json_t *slurm; /* what Slurm knows (plugin/publisher/job_query.h), NULL = not asked or nothing */
	const char *
		field; /* the field that has an entry of ours, such as admin_comment; NULL = none */
	struct job_steps steps; /* that entry */
};

struct job_find {
	const struct spools *spools;
	const char *command; /* for messages */
	bool lists; /* also the records' lists of processes and names */
	bool ask; /* ask Slurm even where all nodes' records are there */
};

/*
 * Finds a job or, where the name has a step, that step. 0, or -ENOENT after lines on standard error
 * that say why nothing is known. job_found_clear() follows in each case.
 */
int job_find(const struct job_find *how, const struct job_name *name, struct job_found *out);

/*
 * Asks Slurm for the job's own number, if the name is that of an array task or of a part of a het job.
 * 0, or -ENOENT after a line on standard error.
 */
int job_number_find(const struct job_find *how, struct job_name *name);

/* Says where records are that would say more. */
void job_found_hint(const struct job_found *f, FILE *out);

/* Frees what was found. */
void job_found_clear(struct job_found *f);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Slurm knows of jobs, as JSON: one object for each job,
 *   {"job":N,"id":TEXT,"cluster":TEXT,"user":TEXT,"state":TEXT,"start":S,"end":S,"mem":BYTES,
 *    "nodes":[NAME..],"fields":{"admin_comment":TEXT,"extra":TEXT,"comment":TEXT},
 *    "steps":{STEP:{"state":TEXT,"max_rss":BYTES,"nodes":[NAME..]}}}
 * job is sacct's JobIDRaw, id what people say (65, 65_1, 65+1). start and end are seconds since the
 * epoch, null before. mem: memory that was allocated on one node. null means not known.
 *
 * Slurm shows jobs to everybody unless the site sets PrivateData. Here users see their own jobs
 * alone, as in the spool, and root sees all.
 */
#ifndef RAYPSS_JOB_QUERY_H
#define RAYPSS_JOB_QUERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A job as people name it. */
struct job_id {
	uint32_t job;
	bool array, het; /* part is that of an array or a het job */
	uint32_t part;
};

/* Reads "65", "65_1" or "65+1". Whether it is one. */
bool job_id_parse(const char *text, struct job_id *out);

/* The numbers that Slurm has for a job. array_task: NO_VAL where it is none; array_job, het_job: 0. */
struct job_numbers {
	uint32_t job;
	uint32_t array_job, array_task;
	uint32_t het_job, het_offset;
};

/* Whether the job with these numbers is what id names. */
bool job_id_is(const struct job_id *id, const struct job_numbers *n);

/* The "id" above, a new reference. */
json_t *job_query_id(const struct job_numbers *n);

/* slurmdbd's last run of the job: a new reference, or NULL where it does not know the job. */
json_t *job_query_database(const char *cluster, const struct job_id *id);

/* Jobs of a user that ran after since, an array of at most most of them; NULL: no answer. */
json_t *job_query_user(const char *cluster, const char *user, time_t since, size_t most);

/* What slurmctld knows of the job, or NULL. It has no "cluster", "user", "mem" and "steps". */
json_t *job_query_controller(const struct job_id *id);

/* The words of a state, such as OUT_OF_MEMORY. */
const char *job_query_state(uint32_t state);

/* The names in a node list such as n[1-3], at most 1024, a new reference. */
json_t *job_query_nodes(const char *list);

#endif

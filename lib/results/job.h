/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as its records tell: steps over nodes, nodes over steps. */
#ifndef RAYPSS_JOB_H
#define RAYPSS_JOB_H

#include <jansson.h>
#include <stdint.h>

/*
 * records: an array of records of one job. Of a job that was requeued only its last run counts
 * unless a function says otherwise. All results are new references, NULL when out of memory.
 */

/* How often the job was restarted, of all its records. */
uint32_t job_restart(const json_t *records);

/*
 * Step -> its entry in the job field: {"nodes","reported","peak","limit","rss","store","oom"}.
 * nodes is how many the step has, reported of how many the end is known. peak, limit and store are
 * of the node with the greatest footprint, rss is the greatest and oom the worst of all nodes.
 */
json_t *job_entries(const json_t *records);

/*
 * The whole job: {"job","restart","steps":{STEP:{..,"per_node":{NODE:{..}}}},"nodes":{NODE:{..}},
 * "total":{..}}. A node's peak is the greatest sum of the peaks of steps that ran at the same time,
 * with each shared object counted once: an upper bound. The total adds up the nodes.
 */
json_t *job_report(const json_t *records);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool: the records of all steps as JSON, one file per step and node in a directory per job.
 * It may be shared by the nodes of a cluster.
 */
#ifndef RAYPSS_SPOOL_H
#define RAYPSS_SPOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "results/step_info.h"

/* How long and of how many jobs records are kept. */
#define SPOOL_AGE_S (30 * 24 * 3600)
enum { SPOOL_JOBS = 20000 };

/*
 * Opens the spool for writing, made with its parents where it is missing. Only root may list it;
 * a job's own directory and records may be read by the job's user too. A descriptor, or -errno.
 */
int spool_open(const char *path);

/* Writes a step's record, all or nothing. 0 or -errno. */
int spool_write(int spool_fd, const struct step_info *facts, const json_t *record);

/* Called with each record; record is borrowed. */
typedef void spool_each_fn(const json_t *record, void *arg);

/* Calls fn with every record of a job that can be read. Their number, or -errno: -ENOENT none. */
int spool_each_record(int spool_fd, uint32_t job, spool_each_fn *fn, void *arg);

/* Calls fn with the number of every job in the spool. 0 or -errno. */
int spool_each_job(int spool_fd, void (*fn)(uint32_t job, void *arg), void *arg);

/* What was last published of a job: kept beside its records, so that it is done once. */
int spool_note_published(int spool_fd, uint32_t job, const json_t *entries);
json_t *spool_published(int spool_fd, uint32_t job);

/*
 * As spool_each_job, but only jobs that may have changed since the last such round for which
 * spool_round_done() was called: by the times of their directories and of a mark, both the file
 * server's. Each round that began needs one of the two ends.
 */
int spool_round(int spool_fd, void (*fn)(uint32_t job, void *arg), void *arg);
void spool_round_done(int spool_fd);
void spool_round_failed(int spool_fd);

/*
 * Whether it is a job's turn to write: burst times at once, then once per refill_s seconds, over
 * all who share the spool. Where the spool cannot tell, yes.
 */
bool spool_take_turn(int spool_fd, uint32_t job, unsigned burst, unsigned refill_s, time_t now);

/*
 * Removes the jobs whose records are older than SPOOL_AGE_S, and the oldest beyond SPOOL_JOBS.
 * Does nothing where that was done within the last hour. 0 or -errno.
 */
int spool_expire(int spool_fd, time_t now);

#endif

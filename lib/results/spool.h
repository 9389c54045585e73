/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool: the records of steps, read and written by many at a time, perhaps by the nodes of
 * several clusters:
 *   SPOOL/CLUSTER/JOB/[rRESTART.]STEP.NODE.json
 * Before 0.2 it was SPOOL/JOB/..; such jobs are still read and expire. A directory whose entries are
 * jobs is called a jobs directory here: SPOOL/CLUSTER, and SPOOL itself for the old ones.
 *
 * Only root may list the spool and the jobs directories. A job's own directory and records may be
 * read by the job's user, too. In that directory .owner has the user's number, .summary the job in
 * short (job_summary.h), .published what its field shows, and .rate how often it was written.
 *
 * spool_write() renames a whole file into its place, and does not wait for the disk, because a
 * step's end waits for spool_write(). spool_sync() waits for the disk, later.
 */
#ifndef RAYPSS_SPOOL_H
#define RAYPSS_SPOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "results/job.h"
#include "results/job_summary.h"
#include "results/step_info.h"

/* Opens the spool for writing, made with its parents where it is missing. A descriptor, or -errno. */
int spool_open(const char *path);

/*
 * Writes a step's record, all or nothing, and updates the job's summary. If job numbers began anew,
 * the job's directory may belong to another user: then renames that directory, which only root can
 * read from then on. 0 or -errno.
 */
int spool_write(int spool_fd, const struct step_info *info, const json_t *record);

/* Waits until the step's record is on the disk. 0 or -errno. */
int spool_sync(int spool_fd, const struct step_info *info);

/* The job's summary, read in a time that does not depend on its number of steps. 0 or -errno. */
int spool_summary(int spool_fd, const struct step_info *info, struct job_summary *out);

/* Opens the directory of the step's job. A descriptor, or -errno (-ENOENT: no record yet). */
int spool_job_of(int spool_fd, const struct step_info *info);

/*
 * Opens a jobs directory for reading: that of a cluster, or with NULL that of old records. Needs no
 * right to list the spool. A descriptor, or -errno.
 */
int spool_jobs_open(int spool_fd, const char *cluster);

/* Calls fn with the name of each cluster. 0 or -errno. */
int spool_each_cluster(int spool_fd, void (*fn)(const char *cluster, void *arg), void *arg);

/* Calls fn with the number of every job of a jobs directory. 0 or -errno. */
int spool_each_job(int jobs_fd, void (*fn)(uint32_t job, void *arg), void *arg);

/*
 * Calls fn with every record of a job that can be read; a record lives until fn returns. How
 * many these were, or -errno: -ENOENT where there is none, -EACCES where the directory may not be
 * read.
 */
int spool_each_record(
	int jobs_fd, uint32_t job, void (*fn)(const json_t *record, void *arg), void *arg);

/*
 * Adds all records of job->number that can be read. How many these were, or -errno: -ENOENT where
 * there is none, -EACCES where the directory may not be read.
 */
int spool_read_job(int jobs_fd, struct job *job);

/* The name of the jobs directory where the cluster's name is not known. */
#define SPOOL_CLUSTER_UNKNOWN "cluster"

/* The name of a jobs directory for a cluster: cleaned, and never that of a job. */
void spool_cluster_name(char name[CLUSTER_SIZE], const char *cluster);

#endif

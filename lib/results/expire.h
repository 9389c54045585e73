/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removes old jobs from the spool in pieces. Each step's end and each raypss publish --pending does
 * a piece, and the next piece goes on where the last one ended. The file .expire in each jobs
 * directory has that place and the ages seen so far. Ages are by the clock of the file system
 * (spool_file.h).
 */
#ifndef RAYPSS_EXPIRE_H
#define RAYPSS_EXPIRE_H

#include <stdint.h>

/* Records are kept for so long, and of so many jobs of a cluster. */
#define EXPIRE_AGE_S (30L * 24 * 3600)
enum {
	EXPIRE_JOBS = 20000,
	EXPIRE_EVERY_S = 3600, /* from the end of one pass over all jobs to the next one */
	EXPIRE_PIECE = 2000, /* most jobs in one piece */
	EXPIRE_FILES = 200, /* files of one job removed at a time */
};

/*
 * One piece of a pass over a jobs directory (spool.h), of at most budget_ns. A pass removes the jobs
 * that did not change for EXPIRE_AGE_S. Where there are more than EXPIRE_JOBS, a second pass removes
 * the oldest; jobs within 6 % of the age of the last one that stays may stay, too.
 * 1: nothing is left to do now; 0: there is more to do; -EWOULDBLOCK: another process does a piece;
 * another -errno.
 */
int expire_piece(int jobs_fd, uint64_t budget_ns);

/* A piece of the cluster's jobs and one of the records of old layout. As expire_piece(). */
int expire_spool(int spool_fd, const char *cluster, uint64_t budget_ns);

#endif

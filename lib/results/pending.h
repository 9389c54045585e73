/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds over the jobs of a jobs directory (spool.h) that may have something to publish. A round
 * takes the jobs that changed since the last round began, and the jobs that the last round left for
 * later (file .retry). A job changed if its directory is newer than the file .round; the file system
 * sets both times.
 */
#ifndef RAYPSS_PENDING_H
#define RAYPSS_PENDING_H

#include <stdint.h>

enum pending_result {
	PENDING_DONE, /* not before the job changes */
	PENDING_RETRY, /* in the next round */
	PENDING_STOP, /* end the round: the next one takes all its jobs again */
};

typedef enum pending_result pending_fn(uint32_t job, void *arg);

/* One round. 0; -ECANCELED where fn stopped it; -errno. */
int pending_round(int jobs_fd, pending_fn *fn, void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds over the jobs of a jobs directory (spool.h) that may have something to publish. A round
 * looks at the jobs that changed since the last one began, by the times of their directories and of
 * the mark .round, both the file system's; and at those that the last one left for later (.retry).
 */
#ifndef RAYPSS_PENDING_H
#define RAYPSS_PENDING_H

#include <stdint.h>

enum pending_result {
	PENDING_DONE, /* not before the job changes */
	PENDING_RETRY, /* in the next round */
	PENDING_STOP, /* so does this job and every further one: the round counts as not made */
};

typedef enum pending_result pending_fn(uint32_t job, void *arg);

/* One round. 0; -ECANCELED where fn stopped it; -errno. */
int pending_round(int jobs_fd, pending_fn *fn, void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The publisher's work without Slurm's library: reads requests, brings each into its job's field,
 * and answers.
 *
 * Input: one request a line. Output: one answer a line for each request, in the same order.
 * publish_request.h describes both.
 */
#ifndef RAYPSS_PUBLISH_LOOP_H
#define RAYPSS_PUBLISH_LOOP_H

#include <stdbool.h>

#include "plugin/publisher/publish_way.h"

struct publish_ways {
	const struct publish_way *controller; /* for running jobs */
	const struct publish_way *database; /* for jobs that have ended */
	/* Whether slurmctld still changes the job. */
	bool (*is_running)(const struct publish_request *r);
};

/*
 * Serves requests from the descriptor in until its end. Each request has 30 seconds, then SIGALRM
 * ends the process: a slurmctld that hangs cannot hold it longer. SIGPIPE is ignored from here on,
 * and requests are served although nobody reads the answers any more. 0 or -errno.
 */
int publish_serve(int in, int out, const struct publish_ways *ways);

#endif

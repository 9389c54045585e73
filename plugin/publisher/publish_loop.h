/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The publisher's work without Slurm's library: reads requests, brings each into its job's field,
 * and answers.
 *
 * Input: one request a line,
 *   {"job":N,"restart":N,"field":"admin_comment|extra|comment","ended":BOOL,"entries":{"STEP":{..}}}
 * ended: the job may have ended. The field of an ended job is changed in slurmdbd's database.
 * Output: one line for each request, in the same order: empty, or what went wrong.
 */
#ifndef RAYPSS_PUBLISH_LOOP_H
#define RAYPSS_PUBLISH_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin/publisher/publish_way.h"

struct publish_ways {
	const struct publish_way *controller; /* for running jobs */
	const struct publish_way *database; /* for jobs that have ended */
	/* Whether slurmctld still changes the job. */
	bool (*is_running)(uint32_t job);
};

/*
 * Serves requests from the descriptor in until its end. Each request has 30 seconds, then SIGALRM
 * ends the process: a slurmctld that hangs cannot hold it longer. 0 or -errno.
 */
int publish_serve(int in, int out, const struct publish_ways *ways);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often a job may be written to slurmctld, over all nodes that share its spool. */
#ifndef RAYPSS_RATE_LIMIT_H
#define RAYPSS_RATE_LIMIT_H

#include <stdbool.h>
#include <time.h>

/*
 * Takes one of the writes that are granted: burst at once, then one per refill_s seconds. job_dir:
 * the job's directory, negative where there is none. Where the spool cannot tell, the write is
 * granted. Never waits.
 */
bool rate_limit_take(int job_dir, unsigned burst, unsigned refill_s, time_t now);

#endif

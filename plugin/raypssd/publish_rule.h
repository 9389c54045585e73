/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a step's end is worth a write to slurmctld: each write takes its job write lock. Pure. */
#ifndef RAYPSS_PUBLISH_RULE_H
#define RAYPSS_PUBLISH_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "account/verdict.h"

struct step_end {
	bool is_enclosing; /* the batch or interactive step: it writes all that the job's spool shows */
	bool in_enclosing; /* a step inside an enclosing step that is accounted, too */
	bool first_node; /* this is the step's first node */
	bool all_reported; /* the spool shows the step's end on every node */
	enum verdict verdict;
	uint64_t elapsed_ns;
};

enum publish_decision {
	PUBLISH_NOT, /* another node or step publishes */
	PUBLISH_RATED, /* if the rate allows a write; else the next write has this step, too */
	PUBLISH_NOW,
};

/* Steps shorter than this leave publishing to the enclosing step, unless they have a verdict. */
#define PUBLISH_QUIET_NS (60 * NS_PER_S)

/*
 * Writes of a job at once, and seconds until one more is allowed. Inside an enclosing step one write
 * is allowed at once.
 */
enum { PUBLISH_BURST = 8, PUBLISH_BURST_ENCLOSED = 1, PUBLISH_REFILL_S = 60 };

enum publish_decision publish_decide(const struct step_end *end);

#endif

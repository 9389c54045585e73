/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a step's end is worth a write to slurmctld, which takes its job write lock for each. Pure.
 */
#ifndef RAYPSS_PUBLISH_RULE_H
#define RAYPSS_PUBLISH_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "account/verdict.h"

struct step_end {
	bool outer; /* the batch or interactive step: it writes what the job's spool shows */
	bool in_outer; /* a step inside one that is accounted too */
	bool first_node; /* the step's first node on this job */
	bool all_reported; /* the spool shows the step's end on every node */
	enum verdict verdict;
	uint64_t elapsed_ns;
};

enum publish_decision {
	PUBLISH_NOT, /* another node or step does it */
	PUBLISH_RATED, /* where the rate allows it, else the next write does */
	PUBLISH_NOW,
};

/* Steps shorter than that leave it to the outer step, unless memory had to do with their end. */
#define PUBLISH_QUIET_NS (60 * NS_PER_S)

/* A job may write that often at once, and then once per refill; inside an outer step only once. */
enum { PUBLISH_BURST = 8, PUBLISH_BURST_IN_OUTER = 1, PUBLISH_REFILL_S = 60 };

enum publish_decision publish_decide(const struct step_end *end);

#endif

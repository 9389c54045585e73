/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a step's end is worth a write to slurmctld: each write takes its job write lock. Pure. */
#ifndef RAYPSS_PUBLISH_RULE_H
#define RAYPSS_PUBLISH_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "account/verdict.h"

struct step_end {
	bool is_enclosing; /* the batch or interactive step: it writes all that the job's spool shows */
	bool in_enclosing; /* a step inside an enclosing step whose record is in the same spool */
	uint32_t node_index; /* of this node in the step */
	uint32_t nodes; /* of the step */
	bool alone; /* no other node of the step writes into this spool */
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

/* Nodes of a step that each publish their part: job_step.h can tell so many apart. */
enum { PUBLISH_NODES = 64, PUBLISH_AT_ONCE = 8, PUBLISH_EACH_MS = 50 };

/* Nodes behind these write only a verdict. They are spread over ten seconds. */
enum { PUBLISH_FURTHER_MS = 10, PUBLISH_LATEST_MS = 10000 };

/*
 * Writes of a job at once, and seconds until one more is allowed. Inside an enclosing step one write
 * is allowed at once.
 */
enum { PUBLISH_BURST = 8, PUBLISH_BURST_ENCLOSED = 1, PUBLISH_REFILL_S = 60 };

/*
 * Where nodes share the spool, the first one and the last to report publish for all. Where each node
 * has a spool of its own, each publishes its part of a step on up to PUBLISH_NODES nodes. A node with
 * a verdict always publishes.
 */
enum publish_decision publish_decide(const struct step_end *end);

/*
 * How long this node leaves slurmctld to the nodes before it: the first PUBLISH_AT_ONCE write at
 * once, then twenty nodes a second, so that a step's nodes do not undo each other's writes. Behind
 * the first PUBLISH_NODES there are a hundred a second: if all nodes of a step on 1,064 nodes are out
 * of memory at once, slurmctld gets no more than a hundred requests in any second. On more nodes each
 * 1,000 add another hundred a second.
 */
uint32_t publish_delay_ms(uint32_t node_index);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step on one node in sentences: how it ended and why, who held the memory, what Slurm's figure
 * was and why it differs. Pure.
 */
#ifndef RAYPSS_EXPLAIN_H
#define RAYPSS_EXPLAIN_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "account/verdict.h"
#include "results/job_node.h"

struct explain {
	const char *who; /* "Step 65.0 on n3", the subject of the sentences */
	const struct job_node *node;
	const json_t *record; /* for processes and Ray; NULL = there is none */
	const char *slurm_state; /* as sacct shows it, such as TIMEOUT; NULL = not known */
	uint64_t slurm_max_rss; /* bytes, Slurm's own MaxRSS; UNKNOWN = not known */
};

/* "Step 65.0 on n3", or "The command" of a record of raypss run. Returns buf. */
enum { EXPLAIN_WHO = 512 };
char *explain_who(const struct job_node *node, char buf[EXPLAIN_WHO]);

/* The sentences, one a line. */
void explain_print(const struct explain *e, FILE *out);

/* The exit status that tells scripts a verdict: 0 none, 10 rss-only, 11 near, over, 12 limit, 13 kernel. */
int explain_status(enum verdict v);

#endif

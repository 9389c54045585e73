/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the jobs of a cluster in a spool come to: from their summaries, not from each record. */
#ifndef RAYPSS_SPOOL_TOTALS_H
#define RAYPSS_SPOOL_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "account/verdict.h"
#include "results/step_info.h"

enum { CLUSTERS_MOST = 64, VERDICTS = VERDICT_KERNEL + 1 };

struct cluster_totals {
	char name[CLUSTER_SIZE];
	uint64_t jobs;
	uint64_t steps;
	uint64_t verdicts[VERDICTS]; /* steps with each; of a job with many steps its worst ones */
	uint64_t left; /* bytes that steps left in memory at their end */
};

struct spool_totals {
	bool complete; /* false: the time was over */
	unsigned n;
	struct cluster_totals clusters[CLUSTERS_MOST];
};

/* Reads a spool for at most that long. 0 or -errno: the spool cannot be opened or listed. */
int spool_totals_read(const char *path, uint64_t budget_ns, struct spool_totals *out);

#endif

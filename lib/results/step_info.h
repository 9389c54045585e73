/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which step it is that is accounted, and how it ended: plain data. */
#ifndef RAYPSS_STEP_INFO_H
#define RAYPSS_STEP_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { STEP_SIZE = 32, NODE_SIZE = 256, CLUSTER_SIZE = 64 };

struct step_info {
	bool in_slurm; /* otherwise job, restart, step and node are null */
	char cluster[CLUSTER_SIZE]; /* ClusterName of slurm.conf, "" = not known */
	uint32_t job;
	uint32_t restart;
	char step[STEP_SIZE];
	char node[NODE_SIZE];
	uint32_t nodes; /* of the step */
	uid_t uid;

	bool corrected; /* Slurm's MaxRSS of this step is from PSS */
	bool kill_on_limit; /* OverMemoryKill */
	bool with_series;

	bool ended;
	bool lost; /* not ended, but nobody is there any more who could tell how */
	bool signalled; /* at least one task was ended by a signal */
	int status; /* highest exit status of a task, or the signal */
	int64_t ended_s; /* CLOCK_REALTIME */
};

/* Whether the step's processes can start other steps of the job: it is the batch or interactive step. */
bool step_info_is_enclosing(const char *step);

#endif

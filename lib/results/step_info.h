/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which step is accounted, and how it ended: plain data. */
#ifndef RAYPSS_STEP_INFO_H
#define RAYPSS_STEP_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { STEP_SIZE = 32, NODE_SIZE = 256, CLUSTER_SIZE = 64 };

/* No job is restarted more often: a greater count comes from a user's environment. */
enum { RESTART_MAX = 100000 };

/* srun --no-allocate takes a number from here on: neither slurmctld nor slurmdbd knows such a job. */
#define JOB_NOT_ALLOCATED 0xffff0000U

/* The steps of a job that have a name in place of a number. */
#define STEP_BATCH "batch"
#define STEP_INTERACTIVE "interactive"

/* What Slurm's MaxRSS of a step comes from: RSS, PSS or our figures. */
enum corrected { CORRECTED_NO, CORRECTED_PSS, CORRECTED_EXACT };

/* The step ended, and nobody told how its tasks did. */
enum { STATUS_UNTOLD = -1 };

struct step_info {
	bool in_slurm; /* otherwise job, restart, step and node are null in the record */
	char cluster[CLUSTER_SIZE]; /* Slurm's ClusterName, "" = not known */
	uint32_t job;
	uint32_t restart;
	char step[STEP_SIZE];
	char node[NODE_SIZE];
	uint32_t nodes; /* of the step */
	uint32_t node_index; /* of this node in the step, from 0 */
	uid_t uid;

	enum corrected corrected;
	bool kill_on_limit; /* OverMemoryKill */
	bool rss_compared; /* Slurm adds up RSS: jobacct_gather/linux */
	bool with_series;
	bool begun_late; /* accounted since a raylet was found in it, not from its begin on */

	/*
	 * The kernel's own figure at the end of processes: no task, nor a descendant that was waited
	 * for, had a greater RSS. 0 = not known. task_had_rss: one of them had it.
	 */
	uint64_t task_rss;
	bool task_had_rss;
	uint32_t tasks; /* on this node */

	bool ended;
	bool lost; /* not ended, but nobody is left who could tell how it ends */
	bool signalled; /* at least one task was ended by a signal */
	int status; /* highest exit status of a task, or the signal; STATUS_UNTOLD */
	int64_t ended_s; /* CLOCK_REALTIME */
};

/* The count, or 0 where it cannot be one. */
uint32_t step_info_restart(uint32_t count);

/* Whether other steps of the job can run inside this one: the batch or the interactive step. */
bool step_info_is_enclosing(const char *step);

#endif

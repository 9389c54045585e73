/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory that ray_pss.so (in slurmstepd) and raypssd share, a memfd: what the step is, which
 * tasks it has, and the account as of the last look. It outlives a crash of either side.
 */
#ifndef RAYPSS_SHM_BLOCK_H
#define RAYPSS_SHM_BLOCK_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "account/account.h"
#include "results/step_info.h"

enum {
	SHM_TASKS =
		4096, /* more than tasks of a step on a node; further ones are found as children */
	SHM_TEXT = 256,
	SHM_BLOCK_VERSION = 3,
};

/* Which descriptors raypssd is started with. */
enum { RAYPSSD_SOCKET = 3, RAYPSSD_BLOCK = 4 };

/* Messages over the socket (one per packet): the first byte, then text. */
enum message {
	/* To raypssd. */
	MESSAGE_TASKS = 'T', /* the block has new tasks */
	MESSAGE_PUBLISH = 'P', /* the last task ended: look once more, publish, tell the line */
	MESSAGE_FINISH = 'F', /* everything is dead: last reading, write the record */
	/* From raypssd. */
	MESSAGE_LINE = 'L', /* text: the line for people */
	MESSAGE_ADVICE = 'A', /* text: what the site's log should say */
	MESSAGE_PUBLISHED = 'p', /* text: empty, or why it did not succeed */
	MESSAGE_FINISHED = 'f', /* text: empty, or what went wrong */
};

enum { MESSAGE_SIZE = 1024 };

struct shm_task {
	pid_t pid;
	uint32_t exited;
};

struct shm_block {
	uint32_t version;

	/* Written by the plugin before raypssd starts. */
	struct step_info facts; /* the end is filled in as tasks end */
	uint64_t limit;
	uint64_t interval_ns;
	uint64_t min_interval_ns;
	double budget;
	uint32_t node_id; /* 0 publishes */
	uint32_t in_outer; /* the batch or interactive step around this one is accounted */
	uint32_t publish; /* enum publish_field */
	uint32_t poll_s; /* seconds between Slurm's own polls, 0 = none */
	int32_t notify_signal;
	double notify_part;
	char env_job[32]; /* "SLURM_JOB_ID=..", as members.h wants it */
	char env_step[32]; /* "SLURM_STEP_ID=..", empty for the batch step */
	char env_node[NODE_SIZE + 32]; /* "SLURMD_NODENAME=..", empty where it is the host's */
	char spool[PATH_MAX];
	char slurm_conf[PATH_MAX];

	/* Written by the plugin while tasks start and end. */
	atomic_uint task_ready; /* facts.restart is final */
	atomic_uint tasks_n;
	struct shm_task tasks[SHM_TASKS];

	/* Written by raypssd, so that a stuck one can be killed and nobody else. */
	atomic_int daemon_pid;
	uint64_t daemon_start; /* pid_stat.start */

	atomic_uint finished; /* the record is in the spool */

	/* Two, so that one is whole whenever raypssd is stopped: accounts[written % 2]. */
	atomic_uint written;
	struct account accounts[2];
};

/* A copy of the account of the last look. 0, -ENODATA: no look yet, -EAGAIN: it changes too fast. */
int shm_account_read(const struct shm_block *block, struct account *out);

/* Publishes the account after a look. */
void shm_account_write(struct shm_block *block, const struct account *account);

#endif

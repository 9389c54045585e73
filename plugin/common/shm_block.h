/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory that ray_pss.so (in slurmstepd) and raypssd share, a memfd: what the step is, which
 * tasks it has, and the account as of the last sample. The block outlives a crash of either side.
 *
 * slurmstepd trusts nothing in the block once raypssd reads what users control. slurmstepd then
 * only writes to it, but for the flags "awake" and "finished".
 */
#ifndef RAYPSS_SHM_BLOCK_H
#define RAYPSS_SHM_BLOCK_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "account/account_slots.h"
#include "plugin/common/task_figures.h"
#include "results/step_info.h"

enum {
	/* More than a step has on a node. raypssd finds further tasks as processes of the step. */
	SHM_TASKS = 4096,
	/* Raise when the layout changes: raypssd and ray_pss.so of different builds must not meet. */
	SHM_BLOCK_VERSION = 9,
};

/* The argument of the raypssd that raypss-dormant becomes. */
#define RAYPSSD_FOUND "--found"

/* The descriptors that raypssd and raypss-dormant are started with. */
enum { RAYPSSD_SOCKET = 3, RAYPSSD_BLOCK = 4 };

/* raypssd's exit status where it cannot fork. Any other but 0: the block is not one of its build. */
enum { RAYPSSD_CANNOT_FORK = 3 };

/* Messages over the socket (one per packet): the first byte, then text. */
enum message {
	/* To raypssd. */
	MESSAGE_TASKS = 'T', /* the block has new tasks */
	MESSAGE_BEGIN =
		'B', /* take a sample, and tell: the tasks execute their programs after it */
	MESSAGE_SAMPLE = 'S', /* Slurm polls: take a sample if the last one is not new */
	MESSAGE_PUBLISH = 'P', /* the last task ended: take a sample, publish, send the line */
	MESSAGE_FINISH = 'F', /* all processes are dead: take the last sample, write the record */
	/* From raypssd. */
	MESSAGE_BEGUN = 'b', /* the sample was taken */
	MESSAGE_LINE = 'L', /* text: a line for people */
	MESSAGE_TROUBLE = 'E', /* text: what went wrong so far, for the user who asked */
	MESSAGE_ADVICE = 'A', /* text: for the site's log */
	MESSAGE_PUBLISHED = 'p', /* text: empty, or why publishing did not succeed */
	MESSAGE_FINISHED = 'f', /* text: empty, or what went wrong */
};

enum { MESSAGE_SIZE = 1024 };

struct shm_task {
	pid_t pid;
	uint64_t start; /* pid_stat.start, 0 = not known */
	uint32_t local; /* S_TASK_ID, from 0 on this node */
	uint32_t global; /* S_TASK_GLOBAL_ID */
};

struct shm_block {
	uint32_t version;

	/* Written by slurmstepd before raypssd starts. */
	struct step_info info; /* slurmstepd adds the end as tasks end */
	uint64_t limit;
	uint64_t interval_ns;
	uint64_t min_interval_ns;
	double budget;
	double duty;
	uint32_t in_enclosing; /* the batch or interactive step around this one is accounted */
	uint32_t summary; /* enum summary_rule, with what the user asked for */
	uint32_t publish; /* enum publish_field */
	uint32_t poll_s; /* seconds between Slurm's own polls, 0 = none */
	int32_t notify_signal; /* 0 = none */
	double notify_part;
	char env_job[32]; /* "SLURM_JOB_ID=..", as members.h wants it */
	char env_step[32]; /* "SLURM_STEP_ID=..", empty for the batch step */
	char env_node[NODE_SIZE + 32]; /* "SLURMD_NODENAME=..", empty if it is the host's name */
	char spool[PATH_MAX];
	char slurm_conf[PATH_MAX];

	/* Written by slurmstepd while tasks start and end. */
	atomic_uint task_ready; /* info.restart is final */
	atomic_uint tasks_n;
	struct shm_task tasks[SHM_TASKS];

	/* Written by raypssd before it detaches; slurmstepd reads them once, right after that. */
	atomic_int daemon_pid;
	uint64_t daemon_start; /* pid_stat.start */

	atomic_uint awake; /* raypss-dormant became raypssd */

	atomic_uint finished; /* the record is in the spool */

	atomic_uint stops; /* how often the guardian found raypssd stopped */

	/* raypssd writes it, ray_pss.so reads it with maxrss=exact. */
	struct task_figures task_figures;

	/* raypssd alone writes and reads the rest. A raypssd that is started anew goes on with it. */
	atomic_uint serving; /* the request that is being served, 0 = none */
	struct account_slots account;
};

/*
 * Makes a block, all zero but for its version. Its size is sealed: a raypssd that shrank the memfd
 * would kill slurmstepd by SIGBUS. A descriptor, or -errno.
 */
int shm_block_create(struct shm_block **block);

/* Maps the block behind a descriptor. 0; -EPROTO: the block of another build, or none; -errno. */
int shm_block_map(int fd, struct shm_block **block);

/* Whether what slurmstepd wrote can be used: texts end, fractions are from 0 to 1. */
bool shm_block_is_valid(const struct shm_block *block);

/* slurmstepd adds a task, at most SHM_TASKS. */
void shm_block_add_task(struct shm_block *block, const struct shm_task *task);

#endif

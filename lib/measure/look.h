/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at a step: what lib/measure saw at one moment, as a value. Readers of a step's memory
 * (the account, the live file, a series) are handed a const struct look * and copy what they need.
 * A look and its arrays are valid until the next call of the accountant that is not const.
 *
 * Sizes are bytes. UNKNOWN stands for every figure that could not be read.
 */
#ifndef RAYPSS_LOOK_H
#define RAYPSS_LOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "measure/sample.h"

enum {
	LOOK_PROCESSES = 16384, /* more than any sane step on one node; bounds our memory */
	LOOK_VICTIMS = 8,
	LOOK_NUMA = 16,
	LOOK_LEFT = 16,
	LEFT_NAME = 128,
};

/* Room for the name of a task or actor, with its NUL. */
enum { TASK_NAME_SIZE = 128 };

/* The part of a process in a Ray cluster. */
enum ray_role {
	ROLE_OTHER, /* not one of Ray's: wrappers, anything */
	ROLE_SYSTEM, /* raylet, gcs_server, agents, dashboard, log monitor */
	ROLE_IDLE, /* a worker without work */
	ROLE_TASK, /* a worker that runs a task */
	ROLE_ACTOR, /* one that is an actor */
	ROLE_DRIVER, /* a program that uses Ray */
	ROLE_STARTING, /* a worker that has no work yet */
	ROLE_IO, /* a worker that moves objects from and to the disk */
	ROLE_LAST = ROLE_IO,
};

/* The task of a process of which nothing tells which task started it. */
enum { NO_TASK = -1 };

/* Where the totals of a look come from. */
enum look_source {
	SOURCE_PROCFS, /* sums over /proc/PID of all processes */
	SOURCE_CGROUP, /* memory.stat of a control group v2 */
};

/* Whose limit the kernel killed for: the step's own, its job's, or neither. */
enum kill_scope { SCOPE_NONE, SCOPE_STEP, SCOPE_JOB, SCOPE_NODE };

/* A footprint is near a limit from this part of the limit on. */
#define LIMIT_NEAR_PART 0.95

/* A process of the step. All figures of a zombie are 0. */
struct look_process {
	pid_t pid;
	pid_t ppid;
	uint64_t start; /* clock ticks after boot, as in /proc/PID/stat: pid and start are unique */
	int32_t task; /* as accountant_add_task numbered the task it belongs to; NO_TASK */
	uint64_t rss;
	uint64_t file_shmem; /* RssFile + RssShmem */
	/* Anonymous memory. What several processes have in common counts once, also a whole address
	 * space: the other processes have 0, and pss and uss 0. */
	uint64_t private;
	/* Resident memory that private leaves out: given back by MADV_FREE, or saved by KSM. */
	uint64_t spared;
	/* Read from /proc/PID/status at a lower rate. */
	uint64_t shmem; /* RssShmem */
	uint64_t kernel; /* page tables and kernel stacks */
	uint64_t swap;
	/*
	 * Estimated part of the footprint that belongs to this process, never more than what it has and
	 * maps. All shares and the rest of the look add up to the footprint.
	 */
	uint64_t share;
	/* From smaps_rollup; UNKNOWN unless read and still valid for the process's present size. */
	uint64_t pss;
	uint64_t uss;
	uint64_t
		lazyfree; /* given back by MADV_FREE, still resident: the kernel takes it at need */
	uint64_t pss_at_ns; /* when pss and uss were read, CLOCK_MONOTONIC */
	uint64_t title_hash; /* 64 bits of a seeded hash: changes exactly when the title does */
	char title[TITLE_SIZE]; /* the command's name or what the process calls itself, cleaned */
	enum ray_role role;
	/* A process that a worker of Ray started has the worker's role and name, and the worker's
	 * descendants have this sum of private. */
	bool descendant;
	uint64_t descendants;
	uint64_t name_hash; /* seeded; of role and name */
	char name[TASK_NAME_SIZE]; /* that all processes with the same work have, cleaned */
};

/* A shared object: tmpfs file, memfd, SysV segment, shared anonymous memory. */
struct look_object {
	uint64_t dev;
	uint64_t ino;
	uint64_t bytes; /* may be 0 */
	bool sysv; /* ino is the id of a SysV segment: part of the key, ids are inode numbers too */
	bool store; /* Ray's object store */
	bool fallback; /* with store: a file of one object that did not fit into the store */
};

/* A process that the kernel's OOM killer killed, with the memory that the kernel log names. */
struct look_victim {
	pid_t pid;
	char name[TITLE_SIZE]; /* cleaned */
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
};

/* Where files of Ray lie. */
enum ray_place { RAY_ON_UNKNOWN, RAY_ON_TMPFS, RAY_ON_DISK, RAY_ON_HUGETLBFS };

/* What Ray itself says of this node; all but store_on and spill_on is the user's claim. */
struct look_ray {
	bool present; /* a raylet lives; else the rest is what was known last */
	unsigned raylets; /* that live; the rest is of one of them */
	uint64_t capacity; /* of the object store */
	uint64_t memory; /* that tasks may ask for */
	uint64_t cpus_hundredths;
	enum ray_place store_on;
	enum ray_place spill_on;
	uint64_t spilled; /* out of the store, in files now */
	uint64_t pinned; /* kept in the store by references */
	uint64_t objects; /* in the store; a number */
	uint64_t monitor_kills; /* workers that Ray's own memory monitor killed so far */
};

/* What the kernel killed for lack of memory in the whole life of the step so far. */
struct look_kills {
	uint64_t count; /* processes */
	enum kill_scope scope; /* of the last kill */
	uint32_t victims_n; /* the first LOOK_VICTIMS that the kernel log named */
	struct look_victim victims[LOOK_VICTIMS];
};

/* Where the memory of the step lies. */
struct look_numa {
	uint32_t node;
	uint64_t anon;
	uint64_t file; /* page cache without shmem */
	uint64_t shmem;
};

/* The part of the footprint that is no process's. */
struct look_rest {
	uint64_t unmapped; /* shared memory that no process maps */
	uint64_t other; /* what a control group is charged with beyond its processes' memory */
};

/* What the looks have cost so far. */
struct look_cost {
	uint64_t looks; /* taken, this one among them */
	uint64_t scans; /* processes whose page tables were walked for PSS */
	uint64_t cpu_ns; /* CPU time of this program */
	uint64_t duty_delay_ns; /* how much later looks came than the pace wanted; see duty.h */
};

/* What bounds cut off a look: how many of each. All 0 = nothing is missing. */
struct look_left_out {
	uint64_t processes; /* beyond the size of the table */
	uint64_t objects; /* shared objects without room, once for each process with one */
	uint64_t files; /* mapped files without room */
	uint64_t scans; /* processes whose mappings and descriptors were not all seen */
	uint64_t devices; /* files that could not be told apart from page cache */
	uint64_t descriptors; /* that wait in sockets, and may lead to memory */
	uint64_t places; /* file systems in memory that were not seen whole */
};

/* What a step leaves in memory when its processes are gone. */
enum left_kind { LEFT_FILE, LEFT_SYSV };

struct look_left_object {
	uint64_t bytes;
	uint64_t id; /* inode number of the file, id of the System V segment */
	uint32_t kind; /* enum left_kind */
	char name[LEFT_NAME]; /* path of the file, cleaned; of a segment "" */
};

struct look_left {
	uint64_t bytes; /* of all; UNKNOWN before the end */
	uint32_t count;
	uint32_t greatest_n;
	struct look_left_object greatest[LOOK_LEFT]; /* greatest first */
};

struct look {
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	enum look_source source;
	/* processes = 0 in the sample: no process lived, and the sample says nothing. */
	struct sample sample;
	uint64_t limit; /* smallest limit of the step and its job, UNKNOWN = none */
	uint64_t bound; /* upper bound of the footprint up to now, memory.peak */
	uint64_t job_bound; /* the same of all steps of the job together */
	/* As of sample.processes_ns, but share always belongs to this look's footprint. */
	const struct look_process *processes;
	unsigned processes_n; /* at most LOOK_PROCESSES */
	struct look_rest rest;
	const struct look_object *objects;
	unsigned objects_n;
	struct look_kills kills;
	struct look_ray ray;
	uint32_t numa_n; /* 0: not read at this look */
	struct look_numa numa[LOOK_NUMA];
	/* Time lost for lack of memory, by some threads and by all: memory.pressure. */
	uint64_t stalled_some_us;
	uint64_t stalled_full_us;
	struct look_left_out left_out;
	struct look_left left;
	struct look_cost cost;
};

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that is known of one step on one node: plain data of a fixed size, however long the
 * step runs. It may lie in memory shared with a process that only reads it, so it holds no pointer
 * and whoever reads it from there trusts nothing in it (account_is_sane).
 */
#ifndef RAYPSS_ACCOUNT_H
#define RAYPSS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "account/distribution.h"
#include "account/ray.h"
#include "account/series.h"
#include "account/verdict.h"
#include "measure/cgroup/cgroup_parse.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/process_table.h"
#include "measure/sample.h"

enum {
	ACCOUNT_TOP = 10,
	ACCOUNT_PROFILES = 48,
	ACCOUNT_OBJECTS = 64,
	ACCOUNT_VICTIMS = 8,
	ACCOUNT_NUMA = 16,
	HISTOGRAM_BUCKETS = 120, /* 4 an octave */
};

enum account_source { SOURCE_PROCFS, SOURCE_CGROUP };

/* One of the biggest processes at the peak. share: estimated; pss and rss: read, or UNKNOWN. */
struct account_top {
	pid_t pid;
	int32_t role; /* enum ray_role */
	uint64_t share;
	uint64_t pss;
	uint64_t rss;
	char name[TITLE_SIZE];
};

/* What the processes of one name (a Ray task or actor class) took together. */
struct account_profile {
	char name[TITLE_SIZE];
	int32_t role;
	uint32_t processes; /* most at a time */
	uint32_t now; /* at this look */
	uint64_t share_now;
	uint64_t weight; /* ms during which there was one */
	double sum; /* of share x ms */
	uint64_t peak;
	uint32_t buckets[HISTOGRAM_BUCKETS]; /* ms */
};

struct account_object {
	uint64_t dev;
	uint64_t ino;
	uint64_t bytes;
	uint32_t sysv; /* ino is the id of a SysV segment */
};

struct account_victim { /* of the kernel's OOM killer, bytes */
	pid_t pid;
	char name[TITLE_SIZE];
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
};

struct account {
	int64_t started_ms; /* CLOCK_REALTIME */
	uint64_t started_ns; /* CLOCK_MONOTONIC */
	int32_t source; /* enum account_source */
	uint64_t limit; /* bytes, UNKNOWN = none */

	struct sample last;
	struct sample peak; /* the look with the greatest footprint */
	uint64_t rss_max; /* greatest sum of RSS at any look */
	uint64_t
		bound; /* upper bound of the footprint between looks, UNKNOWN without memory.peak */
	struct distribution footprint;
	struct series series;

	/* Read from smaps_rollup near the peak: sums, the oldest read, and the part of RSS read. */
	uint64_t pss;
	uint64_t uss;
	uint64_t shr; /* RssFile + RssShmem, as psutil's "shared" */
	uint64_t pss_at_ns;
	double pss_read;

	uint32_t top_n;
	uint32_t profiles_n;
	uint32_t objects_n;
	uint32_t victims_n;
	struct account_top top[ACCOUNT_TOP];
	struct account_profile profiles[ACCOUNT_PROFILES];
	struct account_object objects[ACCOUNT_OBJECTS];
	struct account_victim victims[ACCOUNT_VICTIMS];
	uint64_t kills; /* by the kernel, for memory */
	uint32_t kill_scope; /* enum kill_scope */
	uint32_t numa_n; /* at the peak or near; 0 = not known */
	struct memcg_numa numa[ACCOUNT_NUMA];
	/* Time lost for lack of memory, by some threads and by all; UNKNOWN without PSI. */
	uint64_t stalled_some_us;
	uint64_t stalled_full_us;

	uint64_t samples;
	uint64_t scans;
	uint64_t cpu_ns;
};

/* Begins an account at the time now_ns. */
void account_init(struct account *a, uint64_t limit, uint64_t now_ns);

/* Adds one look: sums over time, the peak with its processes and objects, the profiles by name. */
void account_add(struct account *a, const struct sample *s, struct process_table *table,
	const struct objects *objects);

/* Whether a look with this footprint may stand for the peak where the peak's own saw less. */
bool account_is_near_peak(const struct account *a, uint64_t footprint);

/* Quantile of a profile's share over the time that there was one. */
uint64_t account_profile_quantile(const struct account_profile *p, double part);

/* Whether every count and role lies within its array, and every name is text that ends. */
bool account_is_sane(const struct account *a);

#endif

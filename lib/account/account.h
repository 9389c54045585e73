/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that is known of one step on one node: plain data of a fixed size, however long the
 * step runs. An account may lie in memory shared with another process, so an account holds no
 * pointer. Check an account from shared memory with account_is_sane before use.
 */
#ifndef RAYPSS_ACCOUNT_H
#define RAYPSS_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "account/account_peak.h"
#include "account/account_profile.h"
#include "account/account_ray.h"
#include "account/distribution.h"
#include "account/ray.h"
#include "account/series.h"
#include "account/verdict.h"
#include "measure/look.h"
#include "measure/sample.h"

enum {
	ACCOUNT_VICTIMS = LOOK_VICTIMS,
	ACCOUNT_NUMA = LOOK_NUMA,
};

struct account {
	int64_t started_ms; /* CLOCK_REALTIME */
	uint64_t started_ns; /* CLOCK_MONOTONIC */
	int32_t source; /* enum look_source */
	uint64_t limit; /* bytes, UNKNOWN = none */

	struct sample last;
	struct sample peak; /* the look with the greatest footprint */
	/* The look that came nearest to the limit of its time: limits change. tight_limit UNKNOWN = none. */
	uint64_t tight_limit;
	uint64_t tight_footprint;
	uint64_t with_file_max; /* greatest footprint and mapped files together */
	uint64_t rss_max; /* greatest sum of RSS at any look */
	uint64_t merged; /* the most that KSM saved at any look, UNKNOWN = not known */
	uint64_t bound; /* upper bound of the footprint, UNKNOWN = not known */
	uint64_t job_bound; /* the same of the whole job on this node */
	struct distribution footprint;
	struct series series;

	/* Read from smaps_rollup near the peak: sums, the oldest read, and the part of RSS read. */
	uint64_t pss;
	uint64_t uss;
	uint64_t lazyfree; /* given back by MADV_FREE, still resident */
	uint64_t shr; /* RssFile + RssShmem, as psutil's "shared" */
	uint64_t pss_at_ns;
	double pss_read;

	uint32_t top_n;
	uint32_t profiles_n;
	uint32_t objects_n;
	uint32_t victims_n;
	struct account_top top[ACCOUNT_TOP];
	struct account_profile profiles[ACCOUNT_PROFILES];
	struct account_profile other_names; /* that have no place; without a name */
	/* By the hash of a name: its upper bits, and in the low ones a profile's index plus one. */
	uint64_t profile_cache[PROFILE_CACHE];
	struct look_object objects[ACCOUNT_OBJECTS];
	struct look_victim victims[ACCOUNT_VICTIMS];
	uint64_t kills; /* by the kernel, for memory */
	uint32_t kill_scope; /* enum kill_scope */
	/* After the start: the first look that saw a kill, the first signal of notify=. UNKNOWN = none. */
	uint64_t killed_ns;
	uint64_t notified_ns;
	uint32_t numa_n; /* at the peak or near; 0 = not known */
	struct look_numa numa[ACCOUNT_NUMA];
	/* Time lost for lack of memory, by some threads and by all; UNKNOWN without PSI. */
	uint64_t stalled_some_us;
	uint64_t stalled_full_us;

	struct account_ray ray;
	struct look_left_out left_out;
	struct look_left left;

	uint64_t samples; /* looks with processes */
	uint64_t scans; /* page walks */
	uint64_t cpu_ns;
	uint64_t duty_delay_ns; /* how much later looks came than the pace wanted */

	/* The same of accountants before the present one. */
	uint64_t scans_before;
	uint64_t cpu_ns_before;
	uint64_t duty_delay_ns_before;
};

/* Begins an account at the time now_ns. Before the first look every size is UNKNOWN. */
void account_init(struct account *a, uint64_t limit, uint64_t now_ns);

/*
 * Goes on with an account that another process kept: the next looks are those of a new accountant,
 * which counts from 0.
 */
void account_resume(struct account *a);

/*
 * Adds one look: sums over time, the peak with its processes and objects, the profiles by name. A
 * look without processes, or at processes that have no memory any more, only adds what outlives
 * processes: kills, limit, bound, pressure, cost.
 */
void account_add(struct account *a, const struct look *look);

/* Whether no bound cut off anything: else the figures are lower bounds. */
bool account_is_complete(const struct account *a);

/*
 * Whether every count and role lies within its array, every name is text that ends, and every mean
 * is a size.
 */
bool account_is_sane(const struct account *a);

#endif

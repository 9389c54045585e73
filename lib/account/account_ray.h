/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of Ray's object store on this node, and what is to be changed about it. */
#ifndef RAYPSS_ACCOUNT_RAY_H
#define RAYPSS_ACCOUNT_RAY_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/look.h"

/* raypss(1), RAY describes them. The greater, the more it matters. */
enum ray_verdict {
	RAY_NONE,
	RAY_SPILL_IN_MEMORY,
	RAY_STORE_ON_DISK,
	RAY_FALLBACK,
	RAY_ARGUMENTS_HELD,
	RAY_REFERENCES_HELD,
	RAY_VERDICT_LAST = RAY_REFERENCES_HELD,
};

/* Sizes are bytes, UNKNOWN = not known. Times are after the start of the step. */
struct account_ray {
	uint32_t looks; /* at which there was a raylet; stays at the greatest number */
	uint32_t store_on; /* enum ray_place */
	uint32_t spill_on;
	uint32_t steps; /* looks at which demand had grown */
	uint32_t gave_back; /* 1: half of outside was given back while the program went on */
	uint32_t is_low; /* 1: less than half of outside is left */
	uint32_t raylets; /* most at a time */
	uint32_t sized; /* 1: a look before this one knew the size of the store */
	/* As Ray was started. */
	uint64_t capacity;
	uint64_t memory;
	uint64_t cpus_hundredths;
	/* At the last look with Ray. */
	uint64_t store_end;
	uint64_t unmapped; /* the part of store_end that no process has mapped */
	uint64_t objects;
	uint64_t last_ns;
	/* Greatest of all looks. */
	uint64_t store_peak;
	uint64_t fallback;
	uint64_t spilled;
	uint64_t pinned;
	uint64_t monitor_kills; /* workers that Ray's own memory monitor killed */
	uint64_t last_growth_ns; /* of store_peak; UNKNOWN = it never grew */
	uint64_t outside; /* fallback and spilled together */
	uint64_t low_ns; /* since when is_low; without it not read */
	uint64_t demand; /* store, fallback and spilled together */
	uint64_t demand_first_ns; /* when demand first grew, and when last */
	uint64_t demand_last_ns;
};

/* Before the first look nothing is known. */
void account_ray_init(struct account_ray *r);

/*
 * Adds a look, at_ns after the start of the step. A look without a raylet changes nothing.
 * Where a look found several raylets, what is known of one of them does not describe the step:
 * capacity, memory, CPUs, spilled, pinned, objects and monitor_kills are UNKNOWN from then on.
 */
void account_ray_add(struct account_ray *r, const struct look *look, uint64_t at_ns);

/* Whether every word is one of its enumeration. */
bool account_ray_is_sane(const struct account_ray *r);

enum ray_verdict account_ray_verdict(const struct account_ray *r);

const char *ray_verdict_name(enum ray_verdict v);

#endif

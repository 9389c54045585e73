/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to ask for next time: --mem, Ray's object store, and the memory of each Ray task and actor.
 * Every figure is 1.15 times the greatest that was seen, so it is never below what was seen. Pure.
 */
#ifndef RAYPSS_ADVICE_H
#define RAYPSS_ADVICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/units.h"
#include "results/job_node.h"

/* What is asked for more than was seen. */
#define ADVICE_PART 1.15

/* Bytes; Ray does not start with a smaller store (OBJECT_STORE_MINIMUM_MEMORY_BYTES). */
#define ADVICE_STORE_LEAST (75 * MIB)

struct advice {
	uint64_t nodes; /* records that were added */
	/* Bytes on one node, the greatest of all that was added; UNKNOWN = not known. */
	uint64_t footprint;
	uint64_t compared; /* what Slurm compares with the limit */
	uint64_t figure; /* enum slurm_figure that this was */
	uint64_t bound;
	uint64_t limit; /* the smallest */
	uint64_t store; /* Ray's, with what had no room in it */
	uint64_t capacity; /* of Ray's store, the smallest */
	bool killed; /* for memory: more than was seen may be needed */
	bool running; /* a step still runs */
	bool rss_compared; /* Slurm compared the sum of RSS, which correcting would avoid */
	json_t *tasks; /* {NAME: {"kind":TEXT,"peak":BYTES}}, Ray's only */
};

/* Begins with nothing known. */
void advice_init(struct advice *a);

/* Adds a step on one node. record: its record, for Ray's store and tasks; NULL = there is none. */
void advice_add(struct advice *a, const struct job_node *n, const json_t *record);

/* Adds what steps needed on one node together. */
void advice_add_together(struct advice *a, uint64_t footprint);

/* --mem in bytes, a whole number of MiB; UNKNOWN where nothing was seen. */
uint64_t advice_mem(const struct advice *a);

/* --object-store-memory in bytes; UNKNOWN where there was no store. */
uint64_t advice_store(const struct advice *a);

/* Whether the limit was below what is advised, or the need passed what was seen. */
bool advice_is_thin(const struct advice *a);

/* For people: each figure with its arithmetic. */
void advice_print(const struct advice *a, FILE *out);

/* The same for programs, a new reference. */
json_t *advice_json(const struct advice *a);

/* Frees what was added. */
void advice_clear(struct advice *a);

#endif

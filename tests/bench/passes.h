/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes over a step's processes that the benchmark compares, and what each one adds up. */
#ifndef BENCH_PASSES_H
#define BENCH_PASSES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "account.h"
#include "objects.h"
#include "sample.h"

/* A workload that stands still: its processes and what they are known to hold. */
struct step {
	pid_t parent;
	pid_t *pids; /* the parent among them */
	unsigned n;
	uint64_t shared;
	uint64_t private;
};

/* From the file that a workload's --ready wrote. Ends the program where that cannot be read. */
void step_load(struct step *step, const char *path);

/* A source at a time that stands still, so that nothing falls due. */
struct source;
struct source *source_create(void);
void source_destroy(struct source *s);

/* Allocations made since the program began. */
uint64_t allocations(void);

/* The first look at the step's processes, which are known already, as from a cgroup. */
void cold_tick(struct source *s, const struct step *step, struct sample *out);

/* The steady look at all processes; not inlined, for callgrind --toggle-collect=steady_tick. */
void steady_tick(struct source *s, struct sample *out);

/* Finds the members among all processes of the node; how many they are. */
unsigned discovery(const struct step *step);

const struct objects *source_objects(const struct source *s);

/* What no scheme can do without: a kept statm per process and a stat per shared object. */
struct floor;
struct floor *floor_create(const struct step *step, const struct objects *objects);
void floor_destroy(struct floor *f);
void floor_pass(struct floor *f);
unsigned floor_objects(const struct floor *f);

/* smaps_rollup of every process, opened and closed. */
struct rollup {
	uint64_t pss;
	uint64_t pss_anon;
	uint64_t rss;
};
struct rollup rollup_pass(const struct step *step);

/* The sum of VmPTE. */
uint64_t tables_of(const struct step *step);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes over a step's processes that the benchmark compares, and what each one adds up. */
#ifndef BENCH_PASSES_H
#define BENCH_PASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "account/account.h"
#include "measure/procfs/objects.h"
#include "measure/sample.h"

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

/* The pieces of a look by procfs, at a time that stands still, so that nothing falls due. */
struct rig;
struct rig *rig_create(void);
void rig_destroy(struct rig *s);

/* Allocations made since the program began. */
uint64_t allocations(void);

/* The first look at the step's processes, which are known already, as from a cgroup. */
void cold_tick(struct rig *s, const struct step *step, struct sample *out);

/* The steady look at all processes; not inlined, for callgrind --toggle-collect=steady_tick. */
void steady_tick(struct rig *s, struct sample *out);

/* Goes on with looks, a second of the source's time each, until all that is due has been read. */
void settled_look(struct rig *s, struct sample *out);

/*
 * Makes new processes, one between two looks each: how many the look behind it did not have, or
 * still had after their end.
 */
unsigned unnoticed(unsigned n);

/* Finds the members among all processes of the node; how many they are. */
unsigned discovery(const struct step *step);

const struct objects *rig_objects(const struct rig *s);

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

/*
 * A look at a control group v2, and two bare preads of its memory.stat and memory.current; of a v1
 * group the like of these alone.
 */
struct group;
struct group *group_create(const char *dir);
bool group_has_tick(const struct group *g);
void group_destroy(struct group *g);
void group_tick(struct group *g);
void group_floor(struct group *g);

/* VmPTE and the kernel stacks of all processes, bytes. */
uint64_t kernel_of(const struct step *step);

#endif

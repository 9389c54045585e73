/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process as slurmstepd is in init_post_opt: it has loaded a fake of Slurm's library, an accounting
 * plugin, and exact figures as an object of their own. OverMemoryKill is set.
 */
#ifndef RAYPSS_EXACT_RIG_H
#define RAYPSS_EXACT_RIG_H

#include "base/units.h"
#include "tests/unit/plugin/exact_module.h"
#include "tests/unit/plugin/fake_slurm.h"

#define OVER_MEMORY_KILL 1
#define FRESH_NS (60 * NS_PER_S)

extern struct fake_slurm *slurm;
extern const struct exact_functions *exact;
extern void *gatherer; /* handle of the accounting plugin */
extern void *plugin_table[FAKE_FUNCTIONS]; /* the table as it is before */
extern struct task_figures figures;
extern struct task_sample sample; /* the last that sample_tell has told */
extern struct fake_list list;
extern char why[EXACT_WHY];
extern char logged[512]; /* the last line */
extern unsigned asked; /* times that raypssd was asked for a sample */

/* Before and after each test. The end gives back, and checks that no specimen is left. */
void slurmstepd_start(void);
void slurmstepd_end(void);

void log_line(const char *line);

/* Takes over for tasks with global ids from first on. */
int take(uint32_t tasks, uint32_t first);

void tasks_launch(uint32_t n, uint32_t first);

/* Slurm's value for memory of a task, counted from 0. array as in fake_slurm.c. */
uint64_t *value(uint32_t task, size_t array);

void assert_task(uint32_t task, uint64_t now, uint64_t peak);

/* Task i has (i + 1) * 10 MiB now, and had as much again. */
void sample_tell(uint32_t n, uint32_t first, uint64_t age_ns);

/* The table and OverMemoryKill are as in the beginning. */
void assert_as_before(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading PSS and USS from smaps_rollup. The kernel walks the process's page tables for it, about
 * 16 ms per GiB, and stalls its mmap meanwhile: hence a budget, and a cap on a single read.
 */
#ifndef RAYPSS_PAGEWALK_H
#define RAYPSS_PAGEWALK_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/procfs/process_table.h"

/*
 * No process is stalled for longer by one read, nor for attribution longer than the budget's part
 * of a second (10 ms by default, about 640 MiB): bigger ones are estimated.
 */
#define PAGEWALK_STALL_NS (100 * NS_PER_MS)

struct pagewalk;

/* budget: part of one core, 0 = never read. NULL when out of memory. */
struct pagewalk *pagewalk_create(int proc_fd, double budget);
void pagewalk_destroy(struct pagewalk *w);

/*
 * Reads as many processes as the budget gathered since the last call allows: first those whose
 * private memory cannot be known otherwise (forked), then never read ones, then the most changed.
 */
void pagewalk_run(struct pagewalk *w, struct process_table *table, uint64_t now_ns);

/* What all processes map of files and shared memory, summed up: PSS depends on who shares. */
uint64_t pagewalk_sharing(const struct process_table *table);

/*
 * Whether the process was read and neither its RSS nor what is shared among all (now sharing) has
 * changed by more than a few percent since.
 */
bool pagewalk_is_fresh(const struct process *p, uint64_t sharing);

/* How many reads were made so far. */
uint64_t pagewalk_reads(const struct pagewalk *w);

/* CPU time that pagewalk_run has spent on reads so far. */
uint64_t pagewalk_cpu_ns(const struct pagewalk *w);

/* Reads one process now, whatever the budget. 0 or -errno. */
int pagewalk_read(struct pagewalk *w, struct process *p, uint64_t now_ns);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads PSS and USS from smaps_rollup. The kernel walks the process's page tables for each read,
 * about 16 ms per GiB, and stalls the process's mmap meanwhile. So there is a budget, and a cap on a
 * single read.
 */
#ifndef RAYPSS_PAGEWALK_H
#define RAYPSS_PAGEWALK_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/procfs/process_table.h"

/*
 * The longest stall of a process by one read. A read for attribution alone may stall for the
 * budget's part of a second (10 ms by default, about 640 MiB). Bigger processes are estimated.
 */
#define PAGEWALK_STALL_NS (100 * NS_PER_MS)

struct pagewalk;

/* budget: part of one core, 0 = never read. NULL when out of memory. */
struct pagewalk *pagewalk_create(int proc_fd, double budget);
void pagewalk_destroy(struct pagewalk *w);

/*
 * Reads as many processes as the budget allows since the last call. Order: processes whose private
 * memory is not known otherwise (forked, or with lazily freed memory, which is read at each look),
 * processes never read, the most changed.
 */
void pagewalk_run(struct pagewalk *w, struct process_table *table, uint64_t now_ns);

/* Files and shared memory that all processes map, summed up. PSS depends on who else shares. */
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

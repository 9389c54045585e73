/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures the processes of a step from /proc without walking page tables: private memory is what
 * statm calls resident less shared, shared memory is each distinct object once. A steady look costs
 * a read per process and a stat per shared object, whatever the size of the memory.
 */
#ifndef RAYPSS_PROCFS_H
#define RAYPSS_PROCFS_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/procfs/objects.h"
#include "measure/procfs/process_table.h"
#include "measure/sample.h"

struct procfs;

/*
 * Raises this program's limit of open files as far as it goes, before procfs_create: a descriptor
 * is kept for each process, and beyond the limit each look costs five times as much.
 */
void procfs_raise_descriptors(void);

/* proc_fd and table stay the caller's. NULL when out of memory. */
struct procfs *procfs_create(int proc_fd, struct process_table *table);
void procfs_destroy(struct procfs *s);

/*
 * Names the process that forks the step's tasks. A process that has not executed anything since then
 * counts, but not with the launcher's memory, which it shows.
 */
void procfs_launcher(struct procfs *s, pid_t pid);

/* A look is made of four calls; others fit between them. */

/*
 * 1. Reads the figures of every process in the table and takes out those that are gone: before new
 * members are found, so that a reused pid is not taken for the old one.
 */
void procfs_read(struct procfs *s);

/* 2. Reads new members, and of the others what is due at a lower rate. */
void procfs_refresh(struct procfs *s, uint64_t now_ns);

/*
 * 3. After PSS was read: reads once more the figures of forked processes whose PSS was read in this
 * look. What one of them gave back meanwhile counts in the PSS of those that were read later.
 */
void procfs_reread(struct procfs *s, uint64_t now_ns);

/* 4. Measures the shared objects and adds all up. */
void procfs_sample(struct procfs *s, uint64_t now_ns, struct sample *out);

/*
 * An upper bound of the footprint at any time until the last sample, as far as the greatest RSS of
 * each process tells (VmHWM). Shared memory that no process maps any more is not known.
 */
uint64_t procfs_bound(const struct procfs *s);

/* Whether a process of Ray was ever seen. */
bool procfs_saw_ray(const struct procfs *s);

/* The shared objects, for the record. */
struct objects *procfs_objects(const struct procfs *s);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The distinct files that the processes of a step share. tmpfs, memfd, SysV and shared anonymous
 * memory count by their allocated blocks, page cache by its mapped part. Each object counts once,
 * however many processes map it.
 *
 * An object is measured by a stat through the mapping (or descriptor) of one process, its witness.
 * No descriptor on the object is ever held: a descriptor would keep the object's memory alive.
 *
 * Users decide how much there is to find. All work and all memory is bounded, and what a bound cut
 * off is counted (objects_left_out).
 */
#ifndef RAYPSS_OBJECTS_H
#define RAYPSS_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/procfile.h"
#include "measure/look.h"
#include "measure/procfs/process_table.h"
#include "measure/procfs/sysv.h"

struct objects;

/* proc_fd stays the caller's and must outlive the objects. NULL when out of memory. */
struct objects *objects_create(int proc_fd);
void objects_destroy(struct objects *o);

/*
 * Sets how long the scans of all processes in a look, and of one process, may take beyond the first
 * 1024 mappings and descriptors of each (defaults: 100 ms and 25 ms). Counts from the next look on.
 */
void objects_budget(struct objects *o, uint64_t look_ns, uint64_t process_ns);

/*
 * Notes in the look now_ns what p shares by its mappings; with whole also what p maps privately or
 * only holds open. p->scan.incomplete tells afterwards whether the look's budget cut the scan; a
 * whole scan in the next look then goes on where this one stopped. 0, or -errno: -ESRCH the process
 * is gone, -EACCES it may not be read.
 */
int objects_scan(struct objects *o, struct process *p, uint64_t now_ns, bool whole);

/* Finds the files that p has locked in memory; nearly always p has none, and it costs nothing. */
void objects_locked(struct objects *o, struct process *p, uint64_t now_ns);

/*
 * Reads the size of each object again: one stat each. Where no known witness maps the object any
 * more, other processes that had it are scanned, each at most once in a look and as long as the
 * look's budget lasts. Until all have been scanned the object keeps its last size; then it is gone.
 */
void objects_measure(struct objects *o, struct process_table *table, uint64_t now_ns);

/* Forgets mapped files that no scan since before_ns has found. */
void objects_expire(struct objects *o, uint64_t before_ns);

struct object_totals {
	uint64_t shared;
	uint64_t store; /* Ray's object store: part of shared, or of file, or huge pages */
	uint64_t fallback; /* what did not fit into the store */
	uint64_t file; /* fallback, a store on disk, and mapped files */
	uint64_t locked; /* the part of file that cannot be dropped, an upper bound */
	uint64_t huge; /* objects of huge pages */
};

struct object_totals objects_totals(const struct objects *o);

/*
 * The shared objects, *n rows; some may have no memory (0 bytes). Valid until the next scan or
 * measure.
 */
const struct look_object *objects_rows(const struct objects *o, unsigned *n);

/* Whether a process maps or holds the file, or the segment of that id (dev is then of no matter). */
bool objects_has(const struct objects *o, uint64_t dev, uint64_t ino, bool sysv);

/* Whether a process maps the file and we had no right to measure it through the mapping. */
bool objects_maps_unmeasured(const struct objects *o, uint64_t dev, uint64_t ino);

/* The list of SysV segments, read at most once in the look now_ns. */
const struct sysv *objects_sysv(struct objects *o, uint64_t now_ns);

/* Sets path to the witness of the i-th row, below /proc. */
void objects_witness_path(const struct objects *o, unsigned i, char path[PROC_PATH]);

/* What bounds cut off; all 0 = nothing is missing. */
struct objects_left_out {
	/* Since the last expire: objects and files without room, once for each process with one. */
	uint64_t objects;
	uint64_t files;
	/* In the last look. */
	uint64_t processes; /* not scanned to their end, nor known from an earlier scan */
	uint64_t unknown_devices; /* files not told apart from page cache */
	uint64_t kept; /* objects counted with their last size: not measured, or nobody found */
};

struct objects_left_out objects_left_out(const struct objects *o);

/*
 * Sets the size of Ray's object store, UNKNOWN = not known. A mapping of Ray's on disk that is as long
 * is the store's.
 */
void objects_store_size(struct objects *o, uint64_t bytes);

/* Where the object store lies. */
enum ray_place objects_store_on(const struct objects *o);

/* What tells the kinds of file systems; lives as long as the objects. */
struct devices *objects_devices(const struct objects *o);

/* The number of scans of processes so far. */
uint64_t objects_scans(const struct objects *o);

#endif

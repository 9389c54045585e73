/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The distinct files that the processes of a step share: tmpfs, memfd, SysV and shared anonymous
 * memory by their allocated blocks, page cache by what is mapped of it. Each counts once, however
 * many processes map it. An object is measured by stat through the mapping (or descriptor) of one
 * process, its witness; no descriptor on it is ever held, since that would keep its memory alive.
 */
#ifndef RAYPSS_OBJECTS_H
#define RAYPSS_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/procfs/process_table.h"

enum object_kind {
	OBJECT_SHARED, /* on tmpfs: memory, by its blocks */
	OBJECT_FALLBACK, /* Ray's disk-backed allocations, by their blocks */
};

struct object {
	bool used;
	bool store; /* Ray's object store */
	bool sysv; /* part of the key: SysV ids are inode numbers too, beside memfd's, from 0 on */
	enum object_kind kind;
	dev_t dev;
	uint64_t ino;
	uint64_t bytes;
	uint64_t seen_ns; /* a scan last found it */
	pid_t pid; /* the witness */
	uint64_t start; /* its mapping; or where end is 0 the number of its descriptor */
	uint64_t end;
};

struct objects;

/* proc_fd stays the caller's and must outlive the objects. NULL when out of memory. */
struct objects *objects_create(int proc_fd);
void objects_destroy(struct objects *o);

/*
 * Notes under now_ns what p shares by its mappings, and with whole also what it maps privately or
 * only holds open. 0, or -errno: -ESRCH the process is gone, -EACCES it may not be read.
 */
int objects_scan(struct objects *o, struct process *p, uint64_t now_ns, bool whole);

/*
 * Reads the size of each shared and fallback object again: one stat each. Where a witness no
 * longer maps its object, another process of the table takes its place; where none does, the
 * object is gone.
 */
void objects_measure(struct objects *o, struct process_table *table, uint64_t now_ns);

/* Forgets mapped files that no scan since before_ns has found. */
void objects_expire(struct objects *o, uint64_t before_ns);

struct object_totals {
	uint64_t shared;
	uint64_t store; /* the part of shared that is Ray's object store */
	uint64_t fallback;
	uint64_t file; /* fallback and mapped files */
};

struct object_totals objects_totals(const struct objects *o);

/* The next shared object with memory, from *i = 0 on; NULL behind the last. */
const struct object *objects_shared(const struct objects *o, unsigned *i);

#endif

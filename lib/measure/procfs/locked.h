/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that processes have locked in memory (mlock(2)): page cache that cannot be dropped. Only
 * smaps says which mappings are locked, and reading it walks the page tables. So it is read only of
 * processes with a VmLck, when that changed or after a while, and all reads together take at most a
 * hundredth of a core. A process that is so large that a read would stall it is taken to have locked
 * files, as far as its VmLck and its RssFile allow.
 */
#ifndef RAYPSS_LOCKED_H
#define RAYPSS_LOCKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/procfs/devices.h"
#include "measure/procfs/file_ranges.h"
#include "measure/procfs/maps_parse.h"
#include "measure/procfs/process_table.h"

struct locked {
	struct file_ranges ranges; /* of processes whose smaps was read */
	uint64_t unread; /* of processes that are too large */
	bool any; /* processes with a VmLck may be there */
	uint64_t next_ns; /* no read before */
	char *buf; /* made at the first read */
};

/* Zeroed is empty; locked_clear gives everything back. */
void locked_clear(struct locked *l);

/* Reads the process's smaps if that is due, and allowed at now_ns. */
void locked_refresh(
	struct locked *l, int proc_fd, struct devices *devices, struct process *p, uint64_t now_ns);

/*
 * Forgets the files of processes that have ended or have unlocked them, and adds up the others. To be
 * called at each look; costs nothing where no process has locked memory.
 */
void locked_settle(struct locked *l, const struct process_table *table, uint64_t now_ns);

/* Bytes of all files, each once; but those of large processes once for each of them. */
uint64_t locked_bytes(const struct locked *l);

/* A mapping of smaps while its lines are read; zeroed before the first. */
struct locked_mapping {
	struct mapping mapping;
	uint64_t rss;
	uint64_t anonymous;
};

/*
 * Takes a line of smaps, without its newline. 1 = the line ended a mapping of a locked file, whose
 * mapping and resident bytes, private copies not among them, are in *m; else 0.
 */
int locked_line(struct locked_mapping *m, const char *line, size_t len, uint64_t *bytes);

#endif

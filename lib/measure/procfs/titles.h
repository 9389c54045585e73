/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The title of each process, and which part in a Ray cluster title and worker's log tell. */
#ifndef RAYPSS_TITLES_H
#define RAYPSS_TITLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "measure/procfs/devices.h"
#include "measure/procfs/process_table.h"

/*
 * A new process soon executes another program, or ends. So the title, private libraries and
 * descriptors are read only when the process has lived that long, which makes a first look a quarter
 * cheaper. Later the process is scanned at half its age, so that short steps are seen whole too.
 */
#define SETTLED_NS (200 * NS_PER_MS)

struct titles {
	int proc_fd;
	struct process_table *table;
	struct devices *devices;
	bool ray; /* a process of Ray was seen */
	unsigned logs_left; /* logs that this look may still read */
};

/* All pointers stay the caller's and must outlive the titles. */
void titles_init(
	struct titles *t, int proc_fd, struct process_table *table, struct devices *devices);

/* Begins a look: each look reads a bounded number of logs. */
void titles_begin(struct titles *t);

/* Until a process has settled, its title is the command's name. */
bool titles_due(const struct process *p, uint64_t now_ns);

/* A program becomes Ray's driver at any time: its descriptors tell that. */
bool titles_may_become_driver(const struct titles *t, const struct process *p);

/*
 * Reads the title, and what it tells. A worker of Ray has a descriptor on its title from then on
 * (p->title_fd), since one worker runs many tasks: its title is due at each look.
 */
void titles_read(struct titles *t, struct process *p, uint64_t now_ns);

#endif

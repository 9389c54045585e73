/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the shared objects and files of one process: through its mappings and its descriptors. */
#ifndef RAYPSS_PROCESS_SCAN_H
#define RAYPSS_PROCESS_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "measure/procfs/devices.h"
#include "measure/procfs/file_set.h"
#include "measure/procfs/object_table.h"
#include "measure/procfs/process_table.h"
#include "measure/procfs/scan_budget.h"
#include "measure/procfs/sysv.h"
#include "measure/procfs/vma_iter.h"

struct process_scanner {
	int proc_fd;
	struct vma_iter *mappings;
	struct devices *devices;
	struct sysv sysv;
	struct scan_budget budget;
	uint64_t now_ns; /* the look */
	uint64_t store_size; /* of Ray's object store; UNKNOWN, or 0 = not known */
	struct timespec begin; /* files made later are the step's own; a file_clock */

	/* What scans found. */
	struct object_table shared; /* on tmpfs: memory, by the blocks */
	struct object_table fallback; /* Ray's allocations on disk, by the blocks */
	struct object_table huge; /* of huge pages, by the blocks */
	struct object_table
		refused; /* named files on tmpfs that could not be measured, without bytes */
	struct file_set files;
	struct file_set locked; /* of the files those that the kernel cannot drop */
	uint64_t no_room; /* times that an object had no room in a table */
	uint64_t unknown_devices; /* in this look: files whose file system could not be told */
};

/* proc_fd stays the caller's. 0 or -ENOMEM; process_scan_clear gives everything back. */
int process_scan_init(struct process_scanner *s, int proc_fd);
void process_scan_clear(struct process_scanner *s);

enum { PROCESS_SCAN_CUT = 1 };

/*
 * Scans what p maps shared; with whole also what p maps privately or only holds open. Goes on where
 * p->scan says if the last scan was cut. 0 = done, PROCESS_SCAN_CUT = the budget is used up and
 * p->scan says where to go on; or -errno: -ESRCH the process is gone, -EACCES it may not be read.
 */
int process_scan(struct process_scanner *s, struct process *p, bool whole);

#endif

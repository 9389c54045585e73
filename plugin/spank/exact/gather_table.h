/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slurm's table of the functions of its accounting plugin: slurm_jobacct_gather_ops_t in
 * src/interfaces/jobacct_gather.c, up to 22.05 in src/common/slurm_jobacct_gather.c. The table is
 * static, so it has no symbol; it is found by its content. From 22.05.0 to 26.05.3 its first three
 * pointers are poll_data, endpoll and add_task.
 */
#ifndef RAYPSS_GATHER_TABLE_H
#define RAYPSS_GATHER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/spank/exact/self_memory.h"

enum { GATHER_FUNCTIONS = 3 };

struct memory_segment {
	uintptr_t start;
	size_t size; /* bytes */
};

/*
 * Searches n segments for the three pointers side by side, at addresses aligned for pointers. *table
 * is the address of the first. 0 or -errno:
 *   -ENOENT    nowhere
 *   -ENOTUNIQ  more than once
 *   -EINVAL    a segment that wraps around, or a function that is NULL
 *   -E2BIG     the segments are larger than any release's
 *   -EFAULT .. memory that cannot be read, so the pointers might be there too
 */
int gather_table_find(const struct memory_segment *segments, size_t n,
	void *const functions[GATHER_FUNCTIONS], memory_read_fn *read, uintptr_t *table);

#endif

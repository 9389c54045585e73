/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixture of tests that take looks at a fake /proc: one for each program that includes it. */
#ifndef RAYPSS_LOOKS_H
#define RAYPSS_LOOKS_H

#include "base/units.h"
#include "measure/procfs/procfs.h"
#include "tests/unit/tree.h"

static struct tree tree;
static struct process_table *table;
static struct procfs *procfs;
static struct sample sample; /* of the last look */
static uint64_t pages; /* bytes of one */

static inline void begin(void)
{
	tree_create(&tree);
	table = process_table_create(256);
	procfs = procfs_create(tree.fd, table);
	pages = page_size();
}

static inline void end(void)
{
	procfs_destroy(procfs);
	process_table_destroy(table);
	tree_destroy(&tree);
}

static inline void look(uint64_t at_ms)
{
	procfs_read(procfs);
	procfs_refresh(procfs, at_ms * NS_PER_MS);
	procfs_sample(procfs, at_ms * NS_PER_MS, &sample);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixture of tests that take looks at a fake /proc: one for each program that includes it. */
#ifndef RAYPSS_LOOKS_H
#define RAYPSS_LOOKS_H

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/procfs.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

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

/* Any user without rights: what it may not see of a fake /proc is in a closed directory. */
enum { NOBODY = 65534 };

/* A look of a user who may not follow links into the closed directory. */
static inline void look_without_rights(uint64_t at_ms)
{
	bool root = geteuid() == 0;
	char path[128];

	snprintf(path, sizeof(path), "%s/closed", tree.path);
	(void)chmod(path, 0); /* it need not be there */
	if (root)
		ck_assert_int_eq(seteuid(NOBODY), 0);
	look(at_ms);
	if (root)
		ck_assert_int_eq(seteuid(0), 0);
	(void)chmod(path, 0700);
}

/* A mapping whose link leads into the closed directory. */
static inline void closed_mapping(pid_t pid, const char *line, const char *link)
{
	char target[128];

	snprintf(target, sizeof(target), "%s/closed/file", tree.path);
	tree_write(&tree, 0, "closed/file", "");
	tree_write(&tree, pid, "maps", line);
	tree_link(&tree, pid, link, target);
}

#endif

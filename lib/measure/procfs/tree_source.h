/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source without control groups: the tasks and their descendants, totals summed up from /proc. */
#ifndef RAYPSS_TREE_SOURCE_H
#define RAYPSS_TREE_SOURCE_H

#include "measure/procfs/members.h"
#include "measure/procfs/processes.h"
#include "measure/source.h"

/* members and processes stay the caller's. limit: bytes, UNKNOWN = none. NULL: out of memory. */
struct source *tree_source_create(
	struct processes *processes, struct members *members, uint64_t limit);

#endif

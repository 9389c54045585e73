/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that forked without exec from one another have anonymous pages in common, which must
 * count once. Stack and heap begin at random places in each program that is executed, and at the
 * same in its forked children: equal ones tell who belongs together.
 */
#ifndef RAYPSS_FORK_GROUPS_H
#define RAYPSS_FORK_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/procfs/process_table.h"

/* Zeroed is empty; fork_groups_clear gives it all back. */
struct fork_groups {
	unsigned *unread; /* by group: members whose PSS was not read since the group changed */
	bool any;
	bool stale; /* somebody came, went or executed a program: to be updated */
};

void fork_groups_clear(struct fork_groups *g);

/* Finds the groups anew. Without memory for that they stay as they were, and stale. */
void fork_groups_update(struct fork_groups *g, struct process_table *table);

/* Counts who was read, once at each look, before fork_groups_private. */
void fork_groups_count(struct fork_groups *g, struct process_table *table);

/* The anonymous memory of a process; of what a group has in common its share. */
uint64_t fork_groups_private(const struct fork_groups *g, const struct process *p);

#endif

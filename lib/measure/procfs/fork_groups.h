/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that forked from one another without exec have anonymous pages in common, which must
 * count once. exec puts stack and heap at random addresses and fork keeps the addresses, so equal
 * addresses show which processes belong together.
 */
#ifndef RAYPSS_FORK_GROUPS_H
#define RAYPSS_FORK_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/procfs/address_spaces.h"
#include "measure/procfs/process_table.h"

/* fork_groups_init makes it empty, fork_groups_clear frees everything. */
struct fork_groups {
	unsigned *unread; /* by group: members whose PSS was not read since the group changed */
	bool any;
	bool stale; /* a process came, went or executed a program: update the groups */
	struct address_spaces spaces;
};

void fork_groups_init(struct fork_groups *g, int proc_fd);
void fork_groups_clear(struct fork_groups *g);

/*
 * Finds the groups anew, and in them the processes that share an address space (mm_owner). When out
 * of memory all stay as they were, and stale.
 */
void fork_groups_update(struct fork_groups *g, struct process_table *table);

/* Counts the members not read yet. Call once per look, before fork_groups_private. */
void fork_groups_count(struct fork_groups *g, struct process_table *table);

/* The anonymous memory of a process, with its part of the pages that its group has in common. */
uint64_t fork_groups_private(const struct fork_groups *g, const struct process *p);

#endif

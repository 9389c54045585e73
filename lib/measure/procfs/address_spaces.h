/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that share one address space without being threads of one process: clone(2) with
 * CLONE_VM, and vfork(2) until the child executes a program. /proc shows the same memory for each of
 * them. One of them, the owner, counts the memory: process.mm_owner of the others names it.
 *
 * kcmp(2) tells whether two processes share an address space. Where the kernel refuses to answer, a
 * child whose figures are all equal to its parent's is taken to share the parent's.
 */
#ifndef RAYPSS_ADDRESS_SPACES_H
#define RAYPSS_ADDRESS_SPACES_H

#include <stdbool.h>

#include "measure/procfs/process_table.h"

struct address_spaces {
	bool asks; /* pids of the table are pids for kcmp, and the kernel answers */
	bool any; /* some process has an owner */
};

/* proc_fd: only on a real procfs the kernel is asked. */
void address_spaces_init(struct address_spaces *a, int proc_fd);

/*
 * Sets mm_owner of n processes of the table, which have equal addresses of stack and heap. Processes
 * with equal figures stand next to one another.
 */
void address_spaces_find(struct address_spaces *a, const struct process_table *table,
	struct process *const *group, unsigned n);

/* Whether each process that has an owner still shares the owner's address space. */
bool address_spaces_hold(struct address_spaces *a, const struct process_table *table);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The members of a step without a control group: the tasks and their descendants. Once seen, a
 * process stays a member with its descendants, also after its parent has died. A process whose
 * parents came and went between two looks is recognised by its environment.
 */
#ifndef RAYPSS_MEMBERS_H
#define RAYPSS_MEMBERS_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/procfs/process_table.h"

struct members;

struct members_options {
	uid_t uid; /* only this user's processes are recognised by environment */
	/* "NAME=VALUE" entries that a member's environment must hold, up to NULL; none: not used. */
	const char *required[4];
	const char *forbidden; /* a variable's "NAME=" that a member must not have, or NULL */
	/* A child subreaper whose children are members while it is not itself; 0 = none. */
	pid_t reaper;
	/* Children of members or of the reaper that are none, 0 = none. Others may change them meanwhile. */
	const atomic_int *strangers;
	unsigned strangers_n;
};

/* proc_fd and table stay the caller's. 0 or -errno. */
int members_create(int proc_fd, struct process_table *table, const struct members_options *options,
	struct members **out);
void members_destroy(struct members *m);

/* Adds a root of the tree. 0, -ESRCH: it is gone already, -ENOSPC: the table is full. */
int members_add(struct members *m, pid_t pid);

/*
 * Adds the processes that came since the last call. If the node made no process since then, this
 * costs one read. 0 or -errno.
 */
int members_discover(struct members *m, uint64_t now_ns);

#endif

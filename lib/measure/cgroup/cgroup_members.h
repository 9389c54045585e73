/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a control group and of all groups below it, v1 or v2. */
#ifndef RAYPSS_CGROUP_MEMBERS_H
#define RAYPSS_CGROUP_MEMBERS_H

#include <sys/types.h>

#include "measure/procfs/process_table.h"

struct cgroup_members;

/*
 * dir: the group's directory. except: a process in the group that does not belong to the step
 * (slurmstepd), 0 = none. proc_fd and table stay the caller's. 0 or -errno.
 */
int cgroup_members_open(int proc_fd, struct process_table *table, const char *dir, pid_t except,
	struct cgroup_members **out);
void cgroup_members_close(struct cgroup_members *m);

/* Makes the table hold exactly the present members. 0 or -errno; -ENODEV: the group is gone. */
int cgroup_members_update(struct cgroup_members *m);

#endif

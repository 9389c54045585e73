/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds and leaves the control group that Slurm made for a step. */
#ifndef RAYPSS_STEP_GROUP_H
#define RAYPSS_STEP_GROUP_H

#include <sys/types.h>

#include "plugin/common/step_cgroup.h"

/*
 * Finds the group by a process: slurmstepd or its child (v2), or a task. 0, -ENOENT, or another
 * -errno.
 */
int step_group_find(const char *proc_root, pid_t pid, struct step_cgroup *out);

/*
 * Moves this process (v2) to the group that slurmd keeps for what belongs to no job. Slurm kills
 * what stays in the step's group as soon as the tasks have ended, before our last sample. 0 or
 * -errno.
 */
int step_group_leave(const struct step_cgroup *s);

#endif

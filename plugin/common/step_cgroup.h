/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control group that Slurm made for a step. Its path is taken from /proc/PID/cgroup, never put
 * together: 26.05 names jobs by SLUID, sites set CgroupSlice, some builds prefix the node's name.
 */
#ifndef RAYPSS_STEP_CGROUP_H
#define RAYPSS_STEP_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "measure/accountant.h"

struct step_cgroup {
	int version; /* 1 or 2, 0 = not found */
	/* Groups as /proc/PID/cgroup has them. */
	char group[PATH_MAX]; /* of the step's processes and no others: v2 .../step_X/user */
	char job[PATH_MAX];
	/* And where they are. */
	char dir[PATH_MAX];
	char job_dir[PATH_MAX];
};

/*
 * Sets group and job from the group of a slurmstepd (v2) or of a task. 0, or -ENOENT: Slurm did not
 * make it for a step. Pure.
 */
int step_cgroup_parse(int version, const char *path, struct step_cgroup *out);

/* Of a process: slurmstepd or its child (v2), or a task. 0, -ENOENT, or -errno. */
int step_cgroup_find(const char *proc_root, pid_t pid, struct step_cgroup *out);

/* Has the accountant use it. stepd: slurmstepd's pid, 0 = not known. 0 or -errno. */
int step_cgroup_use(const struct step_cgroup *s, struct accountant *a, pid_t stepd);

/*
 * Moves this process (v2) to where slurmd keeps what belongs to no job: Slurm kills what stays in
 * the step once its tasks have ended, before the last reading. 0 or -errno.
 */
int step_cgroup_leave(const struct step_cgroup *s);

#endif

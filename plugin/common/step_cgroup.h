/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control group that Slurm makes for a step. Its path is taken from /proc/PID/cgroup and never
 * put together from the job's number: Slurm 26.05 names jobs by SLUID, sites set CgroupSlice, and
 * some builds prefix the node's name.
 */
#ifndef RAYPSS_STEP_CGROUP_H
#define RAYPSS_STEP_CGROUP_H

#include <limits.h>

struct step_cgroup {
	int version; /* 1 or 2, 0 = not found */
	/* Groups as /proc/PID/cgroup has them. */
	char group[PATH_MAX]; /* of the step's processes and no others: v2 .../step_X/user */
	char job[PATH_MAX];
	/* Their directories. step_cgroup_parse() leaves these alone: see raypssd/step_group.h. */
	char dir[PATH_MAX];
	char job_dir[PATH_MAX];
};

/*
 * Sets version, group and job from the group of slurmstepd (v2) or of a task. 0, or -ENOENT: Slurm
 * did not make the group for a step. Pure.
 */
int step_cgroup_parse(int version, const char *path, struct step_cgroup *out);

#endif

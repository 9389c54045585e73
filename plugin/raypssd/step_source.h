/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where raypssd gets a step's figures from: the control group that Slurm made, once it is found. */
#ifndef RAYPSS_STEP_SOURCE_H
#define RAYPSS_STEP_SOURCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "measure/accountant.h"
#include "plugin/common/shm_block.h"
#include "plugin/raypssd/step_group.h"

struct step_source {
	struct step_cgroup cgroup;
	pid_t stepd; /* 0 = not known */
	unsigned tries;
};

/*
 * raypssd calls this first: it is then in slurmstepd's group, which names the step's, and leaves it.
 * socket: to slurmstepd, tells its pid. 0, or -errno: raypssd could not leave.
 */
int step_source_begin(struct step_source *s, int socket);

/* Makes the accountant use the group if there is one. Before raypssd gives up its rights. */
void step_source_use(struct step_source *s, struct accountant *a);

/*
 * Before each sample: looks for the group by a task, if slurmstepd's group did not name it. That is
 * so with cgroup v1, and if only task/cgroup or jobacct_gather/cgroup makes groups. The task may not
 * be in the group yet, so several samples try.
 */
void step_source_seek(struct step_source *s, struct accountant *a, const struct shm_task *task);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where raypssd gets a step's figures from: the control group that Slurm made, once it is found. */
#ifndef RAYPSS_STEP_SOURCE_H
#define RAYPSS_STEP_SOURCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "measure/accountant.h"
#include "measure/cgroup/victims.h"
#include "plugin/raypssd/step_group.h"

struct step_source {
	struct step_cgroup cgroup;
	struct victims victims;
	pid_t stepd; /* 0 = not known */
	unsigned tries;
};

/*
 * The first thing that a child of slurmstepd does: finds the step's group, which is its own until
 * it leaves it. socket: to slurmstepd, tells its pid. 0, or -errno: it could not leave.
 */
int step_source_begin(struct step_source *s, int socket);

/* Before raypssd gives up its rights: the accountant uses the group if there is one. */
void step_source_use(struct step_source *s, struct accountant *a);

/*
 * Before each look. Where only task/cgroup or jobacct_gather/cgroup makes groups, and with v1, a
 * task leads to them; it may be on its way there yet.
 */
void step_source_seek(struct step_source *s, struct accountant *a, pid_t task);

/* A look, with what the kernel log says about it. As accountant_look or accountant_tick. */
int step_source_look(struct step_source *s, struct accountant *a, struct account *account,
	int (*look)(struct accountant *a));

void step_source_end(struct step_source *s);

#endif

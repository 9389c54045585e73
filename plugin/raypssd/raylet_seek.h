/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks whether Ray runs in a step: a raylet, the daemon of Ray on each node, or a driver of a cluster
 * whose raylet runs elsewhere. Reads nothing that a user's process could hold: comm, stat, cgroup and
 * links of fd of /proc/PID, and /proc/loadavg.
 */
#ifndef RAYPSS_RAYLET_SEEK_H
#define RAYPSS_RAYLET_SEEK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/units.h"
#include "plugin/common/step_cgroup.h"
#include "plugin/raypssd/driver_seek.h"

struct raylet_seek {
	const char *proc_root;
	int proc_fd;
	pid_t stepd;
	struct step_cgroup group; /* of the step; version 0 = Slurm made none */
	/* The last process id given out at the look before, and at the one before that. */
	pid_t seen;
	pid_t seen_before;
	unsigned looks;
	uint64_t cost_ns; /* CPU time of the last look */
	struct driver_seek drivers;
};

/* The usual pause between two looks, and the part of a core that looks take at most. */
#define RAYLET_SEEK_EVERY_NS (2 * NS_PER_S)
#define RAYLET_SEEK_PART 2000

/* stepd: the step's slurmstepd. The root stays the caller's. 0 or -errno. */
int raylet_seek_init(struct raylet_seek *s, const char *proc_root, pid_t stepd);

/*
 * Whether a raylet or a driver was found in the step: in its control group; without one, below
 * slurmstepd. Sees each new process in two looks, so that a raylet is found that had not executed its
 * program yet at the first one. Where no process is new and the step has no Python process, the look
 * reads /proc/loadavg alone.
 */
bool raylet_seek_look(struct raylet_seek *s);

/*
 * The pause before the next look: a look at a node with thousands of processes takes milliseconds, and
 * then the next one comes later. Pure.
 */
uint64_t raylet_seek_pause_ns(const struct raylet_seek *s);

void raylet_seek_close(struct raylet_seek *s);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes of a step the kernel killed for memory, from the kernel log. */
#ifndef RAYPSS_VICTIMS_H
#define RAYPSS_VICTIMS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "measure/look.h"

enum { VICTIMS_PENDING = 8 };

struct victims {
	int kmsg; /* -1 = the log may not be read */
	/* The step's and its job's control groups as /proc/PID/cgroup has them, empty = not known. */
	char group[PATH_MAX];
	char top[PATH_MAX];
	/* Processes of the step that the log announced as chosen, but not yet as killed. */
	struct {
		pid_t pid;
		enum kill_scope scope;
	} pending[VICTIMS_PENDING];
	unsigned pending_n; /* announced so far; the oldest is overwritten */
	bool all; /* the next kills are of a group of the step that is killed as a whole */
};

/* path: "/dev/kmsg"; records that stand in the log already are not read. 0 or -errno. */
int victims_open(struct victims *v, const char *path);
void victims_close(struct victims *v);

/* Sets the control groups. 0 or -ENAMETOOLONG, then they are not known. */
int victims_name(struct victims *v, const char *group, const char *top);

/* What is known of the step beside the log. */
struct victims_step {
	bool counted; /* another source counts kills and their scope: only victims are added */
	bool at_limit; /* the footprint was near the limit: a job's limit counts as the step's */
	/*
	 * Whether a process belongs to the step, for records that do not tell for sure. NULL: the
	 * step is in a PID namespace, so the log's numbers are not those of its processes.
	 */
	bool (*is_member)(const void *members, pid_t pid);
	const void *members;
};

/* Adds what the log says since the last call. */
void victims_take(struct victims *v, const struct victims_step *step, struct look_kills *kills);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who of a step was killed by the kernel for memory, from the kernel log. */
#ifndef RAYPSS_VICTIMS_H
#define RAYPSS_VICTIMS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "account/account.h"

enum { VICTIMS_PENDING = 8 };

struct victims {
	int kmsg; /* -1 = the log may not be read */
	/* The step's and its job's control groups as /proc/PID/cgroup has them, empty = not known. */
	char group[PATH_MAX];
	char top[PATH_MAX];
	/* Chosen ones of the step whose end was not told yet. */
	struct {
		pid_t pid;
		enum kill_scope scope;
	} pending[VICTIMS_PENDING];
	unsigned pending_n; /* so far; the oldest is overwritten */
	bool all; /* of those told now: a group of the step is killed as a whole */
};

/* path: "/dev/kmsg"; what stands in it already is not read. 0 or -errno. */
int victims_open(struct victims *v, const char *path);
void victims_close(struct victims *v);

/*
 * Adds what came since the last call to the account. is_member tells who belongs to the step where
 * the log names no group. Where nothing else counts kills (no v2 group), they are counted here.
 */
void victims_take(struct victims *v, struct account *account,
	bool (*is_member)(const void *context, pid_t pid), const void *context);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify=SIG@PCT%: signals the step's tasks when the footprint reaches a part of the limit. The
 * signal must not end anybody: of each task, the first process from the task downwards gets it that
 * has a handler for it.
 *
 * raypssd runs as root, so each task is identified when slurmstepd reports it. A pid that was given
 * to another process since then gets no signal.
 */
#ifndef RAYPSS_NOTIFY_H
#define RAYPSS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/look.h"
#include "plugin/common/process_ref.h"
#include "plugin/common/shm_block.h"

enum {
	/* Tasks beyond these are held by pid and start time, without a descriptor. */
	NOTIFY_HELD = 256,
	/* Processes below one task that are asked for a handler. */
	NOTIFY_BELOW = 256,
	/* Processes that are asked in all: some 10 us each. */
	NOTIFY_ASKED = 4096,
};

struct notify {
	int signal; /* 0 = nobody is notified */
	double part; /* of the limit */
	uid_t uid; /* the job's user */
	pid_t stepd; /* slurmstepd, 0 = not known */
	bool above; /* the tasks were signalled, and the footprint did not fall far since then */
	unsigned tasks_n;
	unsigned missed; /* tasks without a handler, at the first time that there were any */
	unsigned missed_of; /* tasks at that time */
	struct process_ref tasks[SHM_TASKS];
};

/* Nothing else is kept or done if signal is 0. */
void notify_init(struct notify *n, int signal, double part, uid_t uid, pid_t stepd);

/*
 * Adds a task that slurmstepd has just reported. start: its start time as slurmstepd read it; 0 =
 * not known, then the task's parent must be slurmstepd. 0; -ESRCH: the task is gone; -EPERM: the
 * process is not slurmstepd's; another -errno.
 */
int notify_add(struct notify *n, pid_t pid, uint64_t start);

/*
 * After a look: signals if the footprint has reached the part of the limit. The next time is when it
 * has fallen 10 points below that part (to half of a part of up to 20 %) and reached it again.
 * limit: UNKNOWN = none. How many processes were signalled.
 */
unsigned notify_check(
	struct notify *n, const struct look *look, uint64_t footprint, uint64_t limit);

/* One line for the user about the tasks that got no signal, or NULL: there were none. */
const char *notify_complaint(const struct notify *n, char *buf, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify=SIG@PCT%: signals the step's tasks once, when the footprint reaches a part of the limit.
 * raypssd runs as root, so each task is identified when slurmstepd reports it. A pid that was given
 * to another process since then gets no signal.
 */
#ifndef RAYPSS_NOTIFY_H
#define RAYPSS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plugin/common/process_ref.h"
#include "plugin/common/shm_block.h"

/* Tasks beyond these are held by pid and start time, without a descriptor. */
enum { NOTIFY_HELD = 256 };

struct notify {
	int signal; /* 0 = nobody is notified */
	double part; /* of the limit */
	uid_t uid; /* the job's user */
	pid_t stepd; /* slurmstepd, 0 = not known */
	bool done;
	unsigned tasks_n;
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

/* After a sample: signals if it is time. limit: UNKNOWN = none. How many tasks were signalled. */
unsigned notify_check(struct notify *n, uint64_t footprint, uint64_t limit);

#endif

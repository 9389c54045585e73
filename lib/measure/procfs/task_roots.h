/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which task of a step each process belongs to: that of its parent when the process was first seen.
 * A process whose parent was gone by then is asked for the SLURM_LOCALID in its environment.
 */
#ifndef RAYPSS_TASK_ROOTS_H
#define RAYPSS_TASK_ROOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/procfs/process_table.h"

/* Tasks with greater numbers are nobody's. */
enum { TASK_ROOTS_MAX = 4096 };

struct task_root {
	pid_t pid;
	uint64_t start; /* as in /proc/PID/stat: the pid may be used again */
	int32_t task;
};

/* A zeroed struct has no tasks. task_roots_clear frees everything. */
struct task_roots {
	struct task_root *roots;
	unsigned n;
	bool added; /* since the last task_roots_assign */
	char *environ; /* scratch */
};

void task_roots_clear(struct task_roots *t);

/* The process is the first of the task. 0, -ESRCH: it is gone; -ENOSPC, -EINVAL: no such task. */
int task_roots_add(struct task_roots *t, int proc_fd, pid_t pid, int32_t task);

/*
 * Sets row->task of the processes that are new in the table, and after task_roots_add of those that
 * no task has: they may have been seen before their task was added. Does nothing where task_roots_add was
 * never called. Where a parent is new itself, a process may have to wait for the next call.
 */
void task_roots_assign(struct task_roots *t, int proc_fd, struct process_table *table);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/procfile.h"
#include "base/unknown.h"
#include "measure/procfs/pid_parse.h"

void notify_init(struct notify *n, int signal, double part, uid_t uid, pid_t stepd)
{
	n->signal = signal;
	n->part = part;
	n->uid = uid;
	n->stepd = stepd;
	n->done = false;
	n->tasks_n = 0;
}

int notify_add(struct notify *n, pid_t pid, uint64_t start)
{
	struct process_ref *task;
	int rc = 0;

	if (!n->signal || n->done)
		return 0;
	if (n->tasks_n >= SHM_TASKS)
		return -ENOSPC;
	if (!start) {
		pid_t parent;

		rc = process_ref_start(pid, &start, &parent);
		if (rc == 0 && (!n->stepd || parent != n->stepd))
			rc = -EPERM;
	}
	task = &n->tasks[n->tasks_n];
	if (rc == 0)
		rc = process_ref_open(task, pid, start);
	if (rc)
		return rc;
	if (n->tasks_n >= NOTIFY_HELD) {
		process_ref_close(task);
		task->pid = pid;
		task->start = start;
	}
	n->tasks_n++;
	return 0;
}

/* A task may have become another user's by a set-user-ID program. */
static bool is_users(pid_t pid, uid_t uid)
{
	char path[PROC_PATH], buf[4096];
	struct pid_status status;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	n = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
	return n > 0 && pid_status_parse(buf, (size_t)n, &status) == 0 && status.uid == uid;
}

/*
 * With the task held, /proc/PID is the task's, or the signal finds nobody. Before Linux 5.3 nothing
 * is held, and the start time is compared right before the signal.
 */
static bool task_signal(const struct notify *n, struct process_ref *task)
{
	struct process_ref held = *task;
	bool reached;

	if (task->pidfd < 0 && process_ref_open(&held, task->pid, task->start))
		return false;
	reached = is_users(held.pid, n->uid) && process_ref_signal(&held, n->signal) == 0;
	process_ref_close(&held);
	return reached;
}

unsigned notify_check(struct notify *n, uint64_t footprint, uint64_t limit)
{
	unsigned reached = 0;

	if (!n->signal || n->done || limit == UNKNOWN || footprint == UNKNOWN ||
		(double)footprint < n->part * (double)limit)
		return 0;
	n->done = true;
	for (unsigned i = 0; i < n->tasks_n; i++)
		reached += task_signal(n, &n->tasks[i]);
	n->tasks_n = 0;
	return reached;
}

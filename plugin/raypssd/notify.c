/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "base/procfile.h"
#include "base/units.h"
#include "base/unknown.h"
#include "measure/procfs/pid_parse.h"
#include "plugin/raypssd/step_tree.h"

void notify_init(struct notify *n, int signal, double part, uid_t uid, pid_t stepd)
{
	n->signal = signal;
	n->part = part;
	n->uid = uid;
	n->stepd = stepd;
	n->above = false;
	n->missed = n->missed_of = 0;
	n->tasks_n = 0;
}

int notify_add(struct notify *n, pid_t pid, uint64_t start)
{
	struct process_ref *task;
	int rc = 0;

	if (!n->signal)
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

/*
 * A shell with a trap for EXIT handles all of these to clean up, and ends itself by the signal then.
 * So a process that handles them all may end by any of them.
 */
static const int shells[] = { SIGTRAP, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM, SIGSYS };

static bool handles(uint64_t caught, int signal)
{
	bool all = true;

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		all = all && caught & 1ULL << (shells[i] - 1);
	return !all && caught & 1ULL << (signal - 1);
}

/* The process has a handler, and did not become another user's by a set-user-ID program. */
static bool may_be_signalled(const struct notify *n, pid_t pid)
{
	char path[PROC_PATH], buf[16384]; /* the user may be in thousands of groups */
	struct pid_status status;
	uint64_t caught;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	len = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
	return len > 0 && pid_status_parse(buf, (size_t)len, &status) == 0 &&
		status.uid == n->uid && pid_status_caught(buf, (size_t)len, &caught) == 0 &&
		handles(caught, n->signal);
}

/*
 * With the process held, /proc/PID is the process's, or the signal finds nobody. Before Linux 5.3
 * nothing is held, and the start time is compared right before the signal.
 */
static bool process_signal(const struct notify *n, const struct process_ref *process)
{
	struct process_ref held = *process;
	bool reached;

	if (process->pidfd < 0 && process_ref_open(&held, process->pid, process->start))
		return false;
	reached = may_be_signalled(n, held.pid) && process_ref_signal(&held, n->signal) == 0;
	if (process->pidfd < 0)
		process_ref_close(&held);
	return reached;
}

/* asked: how many more processes may be asked, counted down. */
static bool task_signal(const struct notify *n, const struct process_ref *task,
	const struct step_tree *tree, unsigned *asked)
{
	struct step_tree_process below[NOTIFY_BELOW];
	unsigned below_n;

	if (!*asked)
		return false;
	--*asked;
	if (process_signal(n, task))
		return true;
	below_n = step_tree_below(tree, task->pid, below, NOTIFY_BELOW);
	for (unsigned i = 0; i < below_n && *asked; i++) {
		struct process_ref process = {
			.pid = below[i].pid, .start = below[i].start, .pidfd = -1
		};

		--*asked;
		if (process_signal(n, &process))
			return true;
	}
	return false;
}

/* A task that has ended needs no signal, nor its place. */
static bool task_ended(struct process_ref *task)
{
	if (process_ref_check(task->pid, task->start) != -ESRCH)
		return false;
	process_ref_close(task);
	return true;
}

static unsigned tasks_signal(struct notify *n, const struct step_tree *tree)
{
	unsigned asked = NOTIFY_ASKED, reached = 0, left = 0;

	for (unsigned i = 0; i < n->tasks_n; i++) {
		if (task_ended(&n->tasks[i]))
			continue;
		n->tasks[left++] = n->tasks[i];
		reached += task_signal(n, &n->tasks[left - 1], tree, &asked);
	}
	n->tasks_n = left;
	if (!n->missed) {
		n->missed = left - reached;
		n->missed_of = left;
	}
	return reached;
}

/* From this part of the limit downwards, reaching the part that was asked for counts again. */
static double part_below(double part)
{
	const double points = 0.1;

	return part > 2 * points ? part - points : part / 2;
}

unsigned notify_check(struct notify *n, const struct look *look, uint64_t footprint, uint64_t limit)
{
	struct step_tree tree;
	unsigned reached;

	if (!n->signal || limit == UNKNOWN || footprint == UNKNOWN)
		return 0;
	if ((double)footprint < part_below(n->part) * (double)limit)
		n->above = false;
	if (n->above || (double)footprint < n->part * (double)limit)
		return 0;
	n->above = true;
	/* Without memory for the tree the tasks themselves are asked. */
	(void)step_tree_create(&tree, look);
	reached = tasks_signal(n, &tree);
	step_tree_destroy(&tree);
	return reached;
}

const char *notify_complaint(const struct notify *n, char *buf, size_t size)
{
	const char *name = signal_name(n->signal);
	char number[16];

	if (!n->missed)
		return NULL;
	snprintf(number, sizeof(number), "%d", n->signal);
	snprintf(buf, size,
		"notify: signal %s was not sent to %u of %u tasks at %.0f %% of the limit: no "
		"process there has a handler, and the signal would have ended it",
		name ? name : number, n->missed, n->missed_of, n->part * 100);
	return buf;
}

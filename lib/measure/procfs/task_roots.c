/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/task_roots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/procfile.h"
#include "measure/procfs/pid_read.h"

/* Longer chains of new processes than passes are found at the next look. */
enum { PASSES = 8, ENVIRON_SIZE = 128 * 1024 };

#define LOCAL_ID "SLURM_LOCALID="

void task_roots_clear(struct task_roots *t)
{
	free(t->roots);
	free(t->environ);
	*t = (struct task_roots){ 0 };
}

int task_roots_add(struct task_roots *t, int proc_fd, pid_t pid, int32_t task)
{
	struct task_root root = { .pid = pid, .task = task }, *roots;
	struct pid_stat stat;
	int rc = pid_stat_read(proc_fd, pid, &stat);

	if (rc)
		return rc;
	root.start = stat.start;
	if (task < 0 || task >= TASK_ROOTS_MAX)
		return -EINVAL;
	if (t->n == TASK_ROOTS_MAX)
		return -ENOSPC;
	if (!t->environ)
		t->environ = malloc(ENVIRON_SIZE);
	roots = realloc(t->roots, (t->n + 1) * sizeof(*roots));
	if (roots)
		t->roots = roots;
	if (!roots || !t->environ)
		return -ENOMEM;
	roots[t->n++] = root;
	t->added = true;
	return 0;
}

static const struct task_root *root_find(const struct task_roots *t, const struct process *p)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->roots[i].pid == p->pid && t->roots[i].start == p->row->start)
			return &t->roots[i];
	return NULL;
}

/* The value of SLURM_LOCALID in a NUL-separated environment; NO_TASK where it has none. */
static int32_t local_id(const char *env, size_t len)
{
	const char *end = env + len;
	uint64_t value;

	for (const char *p = env; p && p < end;) {
		const char *next = memchr(p, '\0', (size_t)(end - p));
		const char *number = p + strlen(LOCAL_ID);

		if (number < end && !strncmp(p, LOCAL_ID, strlen(LOCAL_ID)))
			return digits_parse(&number, next ? next : end, &value) == 0 &&
					value < TASK_ROOTS_MAX
				? (int32_t)value
				: NO_TASK;
		p = next ? next + 1 : NULL;
	}
	return NO_TASK;
}

static int32_t task_by_environment(
	struct task_roots *t, int proc_fd, const struct process_table *table, pid_t pid)
{
	char path[PROC_PATH];
	ssize_t n;

	if (!process_reading(table, pid))
		return NO_TASK;
	procfile_path(path, pid, "environ");
	n = procfile_read(proc_fd, path, t->environ, ENVIRON_SIZE);
	return n > 0 ? local_id(t->environ, (size_t)n) : NO_TASK;
}

/* True where the task of the process is known now. */
static bool assign(
	struct task_roots *t, int proc_fd, const struct process_table *table, struct process *p)
{
	const struct task_root *root = root_find(t, p);
	const struct process *parent;

	if (root) {
		p->row->task = root->task;
		return true;
	}
	parent = process_find(table, p->row->ppid);
	if (parent) {
		p->row->task = parent->row->task;
		return parent->task_known;
	}
	p->row->task = task_by_environment(t, proc_fd, table, p->pid);
	return true;
}

/* As long as a task executes slurmstepd's code, its environment tells nothing. */
static void look_again(struct process_table *table)
{
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);

		if (p->row->task == NO_TASK)
			p->task_known = false;
	}
}

void task_roots_assign(struct task_roots *t, int proc_fd, struct process_table *table)
{
	bool progress = t->n;

	if (t->added)
		look_again(table);
	t->added = false;

	for (int pass = 0; progress && pass < PASSES; pass++) {
		progress = false;
		for (unsigned i = 0; i < process_count(table); i++) {
			struct process *p = process_at(table, i);

			if (p->task_known)
				continue;
			p->task_known = assign(t, proc_fd, table, p);
			progress |= p->task_known;
		}
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/processes.h"

#include <stdlib.h>

#include "measure/procfs/pagewalk.h"
#include "measure/procfs/procfs.h"
#include "measure/procfs/task_roots.h"
#include "measure/shares.h"

/* More than any sane step on one node; bounds our memory. */
enum { PROCESSES_MAX = 16384 };

struct processes {
	int proc_fd;
	struct process_table *table;
	struct procfs *procfs;
	struct pagewalk *pagewalk;
	struct task_roots tasks;
};

struct processes *processes_create(int proc_fd, double budget)
{
	struct processes *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->proc_fd = proc_fd;
	p->table = process_table_create(PROCESSES_MAX);
	p->procfs = p->table ? procfs_create(proc_fd, p->table) : NULL;
	p->pagewalk = pagewalk_create(proc_fd, budget);
	if (!p->procfs || !p->pagewalk) {
		processes_destroy(p);
		return NULL;
	}
	return p;
}

void processes_destroy(struct processes *p)
{
	if (!p)
		return;
	task_roots_clear(&p->tasks);
	pagewalk_destroy(p->pagewalk);
	procfs_destroy(p->procfs);
	process_table_destroy(p->table);
	free(p);
}

void processes_launcher(struct processes *p, pid_t pid)
{
	procfs_launcher(p->procfs, pid);
}

struct process_table *processes_table(const struct processes *p)
{
	return p->table;
}

int processes_add_task(struct processes *p, pid_t pid, int32_t task)
{
	return task_roots_add(&p->tasks, p->proc_fd, pid, task);
}

uint64_t processes_walks(const struct processes *p)
{
	return pagewalk_reads(p->pagewalk);
}

uint64_t processes_walk_ns(const struct processes *p)
{
	return pagewalk_cpu_ns(p->pagewalk);
}

int processes_look(
	struct processes *p, struct source *source, uint64_t now_ns, struct sample *sample)
{
	int rc;

	procfs_read(p->procfs);
	rc = source->functions->members(source, now_ns);
	task_roots_assign(&p->tasks, p->proc_fd, p->table);
	procfs_refresh(p->procfs, now_ns);
	pagewalk_run(p->pagewalk, p->table, now_ns);
	procfs_sample(p->procfs, now_ns, sample);
	return rc;
}

uint64_t processes_bound(const struct processes *p)
{
	uint64_t bound = procfs_bound(p->procfs);

	return bound ? bound : UNKNOWN;
}

void processes_show(struct processes *p, struct look *look)
{
	look->processes = process_rows(p->table);
	look->processes_n = process_count(p->table);
	look->objects = objects_rows(procfs_objects(p->procfs), &look->objects_n);
	shares_estimate(
		process_rows(p->table), process_count(p->table), &look->sample, &look->rest);
}

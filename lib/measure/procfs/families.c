/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/families.h"

#include <string.h>

/* Generations asked: a worker's program may start others, but parents may also form a circle. */
enum { GENERATIONS = 16 };

static bool is_worker(const struct process *p)
{
	return p->role == ROLE_TASK || p->role == ROLE_ACTOR || p->role == ROLE_IDLE;
}

/* A part of Ray that runs helpers. The others have workers and drivers below them. */
static bool is_service(const struct process *p)
{
	static const char *const names[] = {
		"dashboard.py",
		"DashboardAgent",
		"RuntimeEnvAgent",
		"log_monitor.py",
		"monitor.py",
	};

	for (size_t i = 0; p->role == ROLE_SYSTEM && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(p->row->name, names[i]))
			return true;
	return false;
}

/* The worker farthest up: what a worker forks without exec has the worker's title, too. */
static struct process *worker_above(struct process_table *table, const struct process *p)
{
	struct process *found = NULL;
	pid_t ppid = p->row->ppid;

	for (unsigned i = 0; i < GENERATIONS && ppid > 1; i++) {
		struct process *parent = process_find(table, ppid);

		if (!parent)
			break;
		if ((is_worker(parent) || is_service(parent)) && !parent->gone)
			found = parent;
		ppid = parent->row->ppid;
	}
	return found;
}

static bool may_be_adopted(const struct process *p)
{
	return p->role == ROLE_OTHER || is_worker(p);
}

static void adopt(struct process *p, const struct process *worker)
{
	p->adopted = true;
	p->row->role = worker->row->role;
	p->row->name_hash = worker->row->name_hash;
	memcpy(p->row->name, worker->row->name, sizeof(p->row->name));
}

void families_update(struct process_table *table)
{
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);
		const struct process *worker = may_be_adopted(p) ? worker_above(table, p) : NULL;

		/* A job's driver, whose own log has not told that yet. */
		if (worker && !strcmp(worker->row->name, "JobSupervisor"))
			worker = NULL;
		p->row->descendant = worker;
		if (worker)
			adopt(p, worker);
	}
}

void families_count(struct process_table *table)
{
	struct look_process *rows = process_rows(table);

	for (unsigned i = 0; i < process_count(table); i++)
		rows[i].descendants = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *worker =
			rows[i].descendant ? worker_above(table, process_at(table, i)) : NULL;

		if (worker)
			worker->row->descendants += rows[i].private;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/processes.h"

#include <stdlib.h>

#include "measure/procfs/ksm.h"
#include "measure/procfs/pagewalk.h"
#include "measure/procfs/procfs.h"
#include "measure/procfs/raylet.h"
#include "measure/procfs/task_roots.h"
#include "measure/procfs/unheld.h"
#include "measure/shares.h"

struct processes {
	int proc_fd;
	struct process_table *table;
	struct procfs *procfs;
	struct pagewalk *pagewalk;
	struct task_roots tasks;
	struct unheld *unheld;
	uint64_t unheld_most; /* the most that counted as shared and no process held */
	struct ksm ksm;
	struct raylet raylet;
};

struct processes *processes_create(
	int proc_fd, const char *sys_root, double budget, uid_t uid, const char *const *places)
{
	struct processes *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->proc_fd = proc_fd;
	ksm_open(&p->ksm, proc_fd, sys_root);
	raylet_init(&p->raylet, proc_fd);
	p->table = process_table_create(LOOK_PROCESSES);
	p->procfs = p->table ? procfs_create(proc_fd, p->table) : NULL;
	p->pagewalk = pagewalk_create(proc_fd, budget);
	p->unheld = unheld_create(proc_fd, uid, places);
	if (!p->procfs || !p->pagewalk || !p->unheld) {
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
	unheld_destroy(p->unheld);
	ksm_close(&p->ksm);
	raylet_close(&p->raylet);
	pagewalk_destroy(p->pagewalk);
	procfs_destroy(p->procfs);
	process_table_destroy(p->table);
	free(p);
}

void processes_watch(struct processes *p, struct reading *reading, const struct shunned *shunned)
{
	process_table_watch(p->table, reading, shunned);
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

/* Without a process the sample says nothing. */
static void unheld_add(struct processes *p, uint64_t now_ns, struct sample *sample)
{
	struct unheld_totals totals;

	/* A walk through directories can hang, too. */
	if (!process_table_shuns_all(p->table))
		unheld_refresh(p->unheld, procfs_objects(p->procfs), p->table, now_ns);
	totals = unheld_totals(p->unheld);
	if (sample->shared < totals.mapped)
		sample->shared = totals.mapped;
	sample->shared += totals.shared;
	if (totals.shared > p->unheld_most)
		p->unheld_most = totals.shared;
	sample->unheld = totals.unheld;
}

void processes_left(struct processes *p, uint64_t now_ns, struct look_left *out)
{
	/* A walk that has hung once would hang again. */
	if (!process_table_shuns_all(p->table))
		unheld_left(p->unheld, procfs_objects(p->procfs), p->table, now_ns, out);
}

int processes_look(
	struct processes *p, struct source *source, uint64_t now_ns, struct sample *sample)
{
	int rc;

	process_table_begin(p->table, now_ns);
	procfs_read(p->procfs);
	rc = source->functions->members(source, now_ns);
	task_roots_assign(&p->tasks, p->proc_fd, p->table);
	procfs_refresh(p->procfs, now_ns);
	if (procfs_saw_ray(p->procfs))
		raylet_refresh(&p->raylet, p->table, procfs_objects(p->procfs), now_ns);
	pagewalk_run(p->pagewalk, p->table, now_ns);
	procfs_reread(p->procfs, now_ns);
	process_reading_end(p->table);
	ksm_read(&p->ksm, p->table, now_ns);
	procfs_sample(p->procfs, now_ns, sample);
	process_reading_end(p->table);
	unheld_add(p, now_ns, sample);
	if (!p->ksm.known)
		sample->merged = UNKNOWN;
	return rc;
}

uint64_t processes_bound(const struct processes *p)
{
	uint64_t bound = procfs_bound(p->procfs);

	return bound ? bound + p->unheld_most : UNKNOWN;
}

bool processes_wait_for_programs(const struct processes *p)
{
	for (unsigned i = 0; i < process_count(p->table); i++)
		if (process_at(p->table, i)->copy)
			return true;
	return false;
}

bool processes_seen_whole(const struct processes *p)
{
	return !objects_left_out(procfs_objects(p->procfs)).processes;
}

static uint64_t in_flight(const struct process_table *table)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < process_count(table); i++)
		sum += process_at(table, i)->in_flight;
	return sum;
}

static void left_out_show(const struct processes *p, struct look *look)
{
	struct objects_left_out objects = objects_left_out(procfs_objects(p->procfs));

	look->left_out = (struct look_left_out){
		.processes = process_table_left_out(p->table),
		.objects = objects.objects,
		.files = objects.files,
		.scans = objects.processes + process_table_shunned(p->table),
		.devices = objects.unknown_devices,
	};
	/* The kernel's totals have what no process holds. */
	if (look->source == SOURCE_CGROUP)
		return;
	look->left_out.places = unheld_totals(p->unheld).left_out;
	look->left_out.descriptors = in_flight(p->table);
	/* PSS has only what is mapped and resident in those who map it. */
	look->left_out.scans += look->sample.unmeasured;
}

void processes_show(struct processes *p, struct look *look)
{
	look->processes = process_rows(p->table);
	look->processes_n = process_count(p->table);
	look->objects = objects_rows(procfs_objects(p->procfs), &look->objects_n);
	look->ray = p->raylet.known;
	left_out_show(p, look);
	shares_estimate(
		process_rows(p->table), process_count(p->table), &look->sample, &look->rest);
}

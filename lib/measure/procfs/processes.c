/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/processes.h"

#include <stdlib.h>

#include "measure/procfs/pagewalk.h"
#include "measure/procfs/procfs.h"
#include "measure/shares.h"

/* More than any sane step on one node; bounds our memory. */
enum { PROCESSES_MAX = 16384 };

struct processes {
	struct process_table *table;
	struct procfs *procfs;
	struct pagewalk *pagewalk;
	struct look_object *objects;
	unsigned objects_n;
	unsigned objects_room;
};

struct processes *processes_create(int proc_fd, double budget)
{
	struct processes *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
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
	pagewalk_destroy(p->pagewalk);
	procfs_destroy(p->procfs);
	process_table_destroy(p->table);
	free(p->objects);
	free(p);
}

struct process_table *processes_table(const struct processes *p)
{
	return p->table;
}

uint64_t processes_walks(const struct processes *p)
{
	return pagewalk_reads(p->pagewalk);
}

uint64_t processes_walk_ns(const struct processes *p)
{
	return pagewalk_cpu_ns(p->pagewalk);
}

/* False where there is no memory for one more. */
static bool object_add(struct processes *p, const struct object *x)
{
	if (p->objects_n == p->objects_room) {
		unsigned room = p->objects_room ? 2 * p->objects_room : 64;
		struct look_object *grown = realloc(p->objects, room * sizeof(*grown));

		if (!grown)
			return false;
		p->objects = grown;
		p->objects_room = room;
	}
	p->objects[p->objects_n++] =
		(struct look_object){ x->dev, x->ino, x->bytes, x->sysv, x->store };
	return true;
}

static void objects_copy(struct processes *p)
{
	const struct object *x;
	unsigned i = 0;

	p->objects_n = 0;
	while ((x = objects_shared(procfs_objects(p->procfs), &i)) && object_add(p, x))
		;
}

int processes_look(
	struct processes *p, struct source *source, uint64_t now_ns, struct sample *sample)
{
	int rc;

	procfs_read(p->procfs);
	rc = source->functions->members(source, now_ns);
	procfs_refresh(p->procfs, now_ns);
	pagewalk_run(p->pagewalk, p->table, now_ns);
	procfs_sample(p->procfs, now_ns, sample);
	objects_copy(p);
	return rc;
}

void processes_show(struct processes *p, struct look *look)
{
	look->processes = process_rows(p->table);
	look->processes_n = process_count(p->table);
	look->objects = p->objects;
	look->objects_n = p->objects_n;
	shares_estimate(process_rows(p->table), process_count(p->table), &look->sample);
}

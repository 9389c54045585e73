/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/units.h"
#include "measure/procfs/locked.h"
#include "measure/procfs/process_scan.h"
#include "measure/procfs/vma_stat.h"

/* Processes scanned for lost objects in a look, whatever that costs. */
enum { SEARCH_MIN = 8 };

struct objects {
	struct process_scanner scanner;
	struct map_files map_files;
	struct locked locked;
	uint64_t scans;
	uint64_t cut; /* processes whose scan was cut in this look */
	unsigned kept; /* objects whose last size stands in for that of this look */
	bool lost; /* no witness leads to some of them */
	unsigned next; /* the row at which measuring goes on where the budget stopped it */
	uint64_t lost_by_many_ns; /* the last look that lost an object with unknown witnesses */
	unsigned cursor; /* where in the process table the next search begins */
};

struct objects *objects_create(int proc_fd)
{
	struct objects *o = calloc(1, sizeof(*o));

	if (!o || process_scan_init(&o->scanner, proc_fd)) {
		free(o);
		return NULL;
	}
	map_files_open(&o->map_files, proc_fd);
	return o;
}

void objects_destroy(struct objects *o)
{
	if (!o)
		return;
	process_scan_clear(&o->scanner);
	locked_clear(&o->locked);
	map_files_close(&o->map_files);
	free(o);
}

void objects_budget(struct objects *o, uint64_t look_ns, uint64_t process_ns)
{
	o->scanner.budget.look_ns = look_ns;
	o->scanner.budget.process_ns = process_ns;
}

/* The first call in a look begins it. */
static void look_begin(struct objects *o, uint64_t now_ns)
{
	if (o->scanner.now_ns == now_ns)
		return;
	o->scanner.now_ns = now_ns;
	o->scanner.unknown_devices = 0;
	o->cut = 0;
	scan_budget_begin(&o->scanner.budget);
	devices_begin(o->scanner.devices);
}

int objects_scan(struct objects *o, struct process *p, uint64_t now_ns, bool whole)
{
	int rc;

	look_begin(o, now_ns);
	o->scans++;
	p->scan.at_ns = now_ns;
	p->scan.resumes &= whole;
	if (!p->scan.resumes) {
		scan_state_begin(&p->scan, now_ns, p->row->file_shmem);
		p->unmeasured = p->refused = false;
	}
	rc = process_scan(&o->scanner, p, whole);
	scan_state_end(&p->scan, whole, rc == PROCESS_SCAN_CUT, p->row->file_shmem);
	o->cut += p->scan.missing;
	return rc < 0 ? rc : 0;
}

void objects_locked(struct objects *o, struct process *p, uint64_t now_ns)
{
	if (!p->status.locked)
		return;
	look_begin(o, now_ns);
	locked_refresh(&o->locked, o->scanner.proc_fd, o->scanner.devices, p, now_ns);
}

/* via: the process, or the living thread whose files are read in its place. */
static void witness_path(const struct object_witness *w, pid_t via, char path[PROC_PATH])
{
	if (w->end)
		map_files_path(path, via, w->start, w->end);
	else
		snprintf(path, PROC_PATH, "%d/fd/%llu", via, (unsigned long long)w->start);
}

static int witness_stat(
	struct objects *o, const struct object_witness *w, pid_t via, struct stat *out)
{
	char path[PROC_PATH];

	if (w->end)
		return map_files_stat(&o->map_files, via, w->start, w->end, out);
	witness_path(w, via, path);
	return link_stat(o->scanner.proc_fd, path, out);
}

/* Whether the witness still leads to the object; then its size is up to date. */
static bool witness_holds(
	struct objects *o, struct look_object *x, const struct object_witness *w, pid_t via)
{
	struct stat st;

	if (witness_stat(o, w, via, &st))
		return x->sysv && !sysv_is_foreign(x->dev) && (errno == EPERM || errno == EACCES) &&
			sysv_bytes(&o->scanner.sysv, o->scanner.proc_fd, o->scanner.now_ns, x->ino,
				&x->bytes);
	if (st.st_ino != x->ino || st.st_dev != (x->sysv ? sysv_device(x->dev) : x->dev))
		return false;
	x->bytes = (uint64_t)st.st_blocks * STAT_BLOCK;
	return true;
}

/* The first witness that holds comes to the front. */
static bool object_measure(struct objects *o, struct process_table *table, struct look_object *x,
	struct object_state *s)
{
	for (unsigned i = 0; i < s->witnesses_n; i++) {
		struct object_witness w = s->witnesses[i];
		const struct process *p = process_find(table, w.pid);

		if (!p || p->shunned || !process_reading(table, p->pid) ||
			!witness_holds(o, x, &w, p->via))
			continue;
		s->witnesses[i] = s->witnesses[0];
		s->witnesses[0] = w;
		return true;
	}
	return false;
}

/* Whether a whole scan that began after the object was lost has not found it in the process. */
static bool is_scanned_since(const struct process *p, const struct object_state *s)
{
	return p->scan.complete_ns >= s->lost_ns;
}

/* Scan the processes again that had the object: their mappings have changed. */
static void lost_want(struct process_table *table, const struct object_state *s)
{
	for (unsigned i = 0; i < s->witnesses_n; i++) {
		struct process *p = process_find(table, s->witnesses[i].pid);

		if (p && !is_scanned_since(p, s))
			p->scan.wanted = true;
	}
}

static void row_measure(
	struct objects *o, struct object_table *t, struct process_table *table, unsigned i)
{
	struct object_state *s = &t->states[i];
	uint64_t now_ns = o->scanner.now_ns;

	if (!s->lost_ns) {
		if (object_measure(o, table, &t->rows[i], s))
			return;
		s->lost_ns = now_ns;
		if (s->more)
			o->lost_by_many_ns = now_ns;
	}
	o->lost = true;
	lost_want(table, s);
}

/* The next look goes on with the row at which the budget ended. */
static void table_measure(struct objects *o, struct object_table *t, struct process_table *table)
{
	struct scan_meter meter = scan_meter_begin(&o->scanner.budget, 4);
	unsigned first = o->next < t->n ? o->next : 0;

	for (unsigned done = 0; done < t->n; done++) {
		unsigned i = first + done < t->n ? first + done : first + done - t->n;

		if (!scan_meter_step(&meter)) {
			o->next = i;
			o->kept += t->n - done;
			break;
		}
		row_measure(o, t, table, i);
	}
	scan_meter_end(&meter);
}

static bool search_due(const struct objects *o, const struct process *p)
{
	return p->scan.at_ns != o->scanner.now_ns && !p->shunned &&
		(p->scan.wanted || p->scan.complete_ns < o->lost_by_many_ns);
}

/* Scans the processes that may have what is lost, from where the last search stopped. */
static void lost_search(struct objects *o, struct process_table *table)
{
	unsigned n = process_count(table), first = n ? o->cursor % n : 0, scanned = 0;

	for (unsigned i = 0; i < n; i++) {
		struct process *p = process_at(table, (first + i) % n);
		uint64_t begin_ns;

		if (!search_due(o, p))
			continue;
		if (scanned++ >= SEARCH_MIN && !o->scanner.budget.left_ns) {
			o->cursor = (first + i) % n;
			return;
		}
		(void)process_reading(table, p->pid);
		begin_ns = monotonic_ns();
		/* A process that cannot be read counts as scanned: nothing can be found in it. */
		(void)objects_scan(o, p, o->scanner.now_ns, true);
		scan_budget_charge(&o->scanner.budget, monotonic_ns() - begin_ns);
	}
}

/* Whether no process is left that may have the object: oldest_ns is the oldest whole scan of all. */
static bool lost_for_good(
	struct process_table *table, const struct object_state *s, uint64_t oldest_ns)
{
	if (s->more)
		return oldest_ns >= s->lost_ns;
	for (unsigned i = 0; i < s->witnesses_n; i++) {
		const struct process *p = process_find(table, s->witnesses[i].pid);

		if (p && !is_scanned_since(p, s))
			return false;
	}
	return true;
}

static unsigned lost_remove(struct object_table *t, struct process_table *table, uint64_t oldest_ns)
{
	unsigned kept = 0;

	for (unsigned i = t->n; i-- > 0;) {
		if (!t->states[i].lost_ns)
			continue;
		if (lost_for_good(table, &t->states[i], oldest_ns))
			object_table_remove(t, i);
		else
			kept++;
	}
	return kept;
}

static uint64_t oldest_scan(struct process_table *table)
{
	uint64_t oldest_ns = UINT64_MAX;

	for (unsigned i = 0; i < process_count(table); i++) {
		uint64_t complete_ns = process_at(table, i)->scan.complete_ns;

		if (complete_ns < oldest_ns)
			oldest_ns = complete_ns;
	}
	return oldest_ns;
}

static void lost_settle(struct objects *o, struct process_table *table)
{
	uint64_t oldest_ns;

	lost_search(o, table);
	oldest_ns = oldest_scan(table);
	o->kept += lost_remove(&o->scanner.shared, table, oldest_ns) +
		lost_remove(&o->scanner.fallback, table, oldest_ns) +
		lost_remove(&o->scanner.huge, table, oldest_ns);
}

void objects_measure(struct objects *o, struct process_table *table, uint64_t now_ns)
{
	look_begin(o, now_ns);
	o->kept = 0;
	o->lost = false;
	table_measure(o, &o->scanner.shared, table);
	table_measure(o, &o->scanner.fallback, table);
	table_measure(o, &o->scanner.huge, table);
	map_files_settle(&o->map_files);
	locked_settle(&o->locked, table, now_ns);
	if (o->lost)
		lost_settle(o, table);
}

void objects_expire(struct objects *o, uint64_t before_ns)
{
	devices_forget(o->scanner.devices);
	file_set_expire(&o->scanner.files, before_ns);
	file_set_expire(&o->scanner.locked, before_ns);
	object_table_forget(&o->scanner.refused, before_ns);
	o->scanner.no_room = 0;
}

struct object_totals objects_totals(const struct objects *o)
{
	uint64_t in_memory = object_table_fallback(&o->scanner.shared);

	return (struct object_totals){
		.shared = object_table_bytes(&o->scanner.shared, false),
		.store = object_table_bytes(&o->scanner.shared, true) - in_memory +
			object_table_bytes(&o->scanner.fallback, true) +
			object_table_bytes(&o->scanner.huge, true),
		.fallback = object_table_bytes(&o->scanner.fallback, false) -
			object_table_bytes(&o->scanner.fallback, true) + in_memory,
		.file = object_table_bytes(&o->scanner.fallback, false) + o->scanner.files.bytes,
		.locked = o->scanner.locked.bytes + locked_bytes(&o->locked),
		.huge = object_table_bytes(&o->scanner.huge, false),
	};
}

const struct look_object *objects_rows(const struct objects *o, unsigned *n)
{
	*n = o->scanner.shared.n;
	return o->scanner.shared.rows;
}

bool objects_has(const struct objects *o, uint64_t dev, uint64_t ino, bool sysv)
{
	uint64_t device = sysv ? devices_internal(o->scanner.devices) : dev;

	return object_table_find(&o->scanner.shared, device, ino, sysv) >= 0;
}

bool objects_maps_unmeasured(const struct objects *o, uint64_t dev, uint64_t ino)
{
	return object_table_find(&o->scanner.refused, dev, ino, false) >= 0;
}

const struct sysv *objects_sysv(struct objects *o, uint64_t now_ns)
{
	sysv_read(&o->scanner.sysv, o->scanner.proc_fd, now_ns);
	return &o->scanner.sysv;
}

void objects_witness_path(const struct objects *o, unsigned i, char path[PROC_PATH])
{
	const struct object_witness *w = &o->scanner.shared.states[i].witnesses[0];

	witness_path(w, w->pid, path);
}

struct objects_left_out objects_left_out(const struct objects *o)
{
	return (struct objects_left_out){
		.objects = o->scanner.no_room,
		.files = o->scanner.files.left_out + o->locked.ranges.left_out,
		.processes = o->cut,
		.unknown_devices = o->scanner.unknown_devices,
		.kept = o->kept,
	};
}

void objects_store_size(struct objects *o, uint64_t bytes)
{
	/* What was found before its size was known. */
	if (bytes != o->scanner.store_size && bytes && bytes != UNKNOWN)
		object_table_store_at(&o->scanner.fallback, bytes);
	o->scanner.store_size = bytes;
}

enum ray_place objects_store_on(const struct objects *o)
{
	if (object_table_has_store(&o->scanner.fallback))
		return RAY_ON_DISK;
	if (object_table_has_store(&o->scanner.huge))
		return RAY_ON_HUGETLBFS;
	return object_table_has_store(&o->scanner.shared) ? RAY_ON_TMPFS : RAY_ON_UNKNOWN;
}

struct devices *objects_devices(const struct objects *o)
{
	return o->scanner.devices;
}

uint64_t objects_scans(const struct objects *o)
{
	return o->scans;
}

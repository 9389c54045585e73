/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/unheld.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/company.h"
#include "measure/procfs/object_table.h"
#include "measure/procfs/places.h"
#include "measure/procfs/vma_stat.h"

/* A look comes after this time, and after so many times what the last one took. */
#define INTERVAL_NS NS_PER_S
#define SETTLED_NS (200 * NS_PER_MS)
enum { PAUSE = 200 };

/* Places whose use is unchanged are walked again at this age. */
#define WALK_AGE_NS (60 * NS_PER_S)

/* All places together may take so long. */
#define WALK_NS (20 * NS_PER_MS)

struct unheld {
	int proc_fd;
	uid_t uid;
	struct timespec begin; /* file_clock */
	struct places places;
	uint64_t next_ns;
	uint64_t walked_ns;
	bool alone; /* the user has no other process on the node */
	bool cut; /* the last walk, or a table */
	/* What may be the step's. The mark `store` of a row says that it is. */
	struct object_table files;
	struct object_table segments;
	struct unheld_totals totals;
	struct look_left *left; /* a walk fills it in; NULL = not wanted */
	uint64_t now_ns;
};

struct unheld *unheld_create(int proc_fd, uid_t uid, const char *const *paths)
{
	struct unheld *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->proc_fd = proc_fd;
	u->uid = uid;
	u->begin = file_clock();
	places_init(&u->places, proc_fd, paths, u->begin);
	return u;
}

void unheld_destroy(struct unheld *u)
{
	if (!u)
		return;
	object_table_clear(&u->files);
	object_table_clear(&u->segments);
	free(u);
}

/* The index of the row, whose size is now so many bytes; -1: no room. */
static int note(
	struct unheld *u, struct object_table *t, uint64_t dev, uint64_t ino, uint64_t bytes)
{
	int i = object_table_find(t, dev, ino, false);

	if (i < 0)
		i = object_table_add(t, dev, ino, false);
	if (i < 0) {
		u->cut = true;
		return -1;
	}
	t->rows[i].bytes = bytes;
	t->states[i].seen_ns = u->now_ns;
	return i;
}

static void forget_unseen(struct object_table *t, uint64_t now_ns)
{
	for (unsigned i = t->n; i-- > 0;)
		if (t->states[i].seen_ns != now_ns)
			object_table_remove(t, i);
}

static void left_insert(struct look_left *left, const struct look_left_object *x)
{
	uint32_t i = left->greatest_n < LOOK_LEFT ? left->greatest_n++ : LOOK_LEFT - 1;

	left->bytes += x->bytes;
	left->count++;
	if (i == LOOK_LEFT - 1 && left->greatest[i].bytes >= x->bytes)
		return;
	for (; i > 0 && left->greatest[i - 1].bytes < x->bytes; i--)
		left->greatest[i] = left->greatest[i - 1];
	left->greatest[i] = *x;
}

static void file_visit(void *context, const struct tmpfs_file *file)
{
	struct unheld *u = context;
	struct look_left_object x = {
		.kind = LEFT_FILE,
		.bytes = file->bytes,
		.id = file->ino,
	};
	int i = note(u, &u->files, file->dev, file->ino, file->bytes);

	if (!u->left || i < 0 || !(u->files.rows[i].store || u->alone))
		return;
	memcpy(x.name, file->name, sizeof(x.name));
	left_insert(u->left, &x);
}

static void place_walk(struct unheld *u, const struct place *place, int fd, uint64_t deadline_ns)
{
	const struct tmpfs_walk walk = {
		.path = place->path,
		.dev = place->usage.dev,
		.uid = u->uid,
		.since = u->begin,
		.deadline_ns = deadline_ns,
		.visit = file_visit,
		.context = u,
	};

	u->cut |= tmpfs_walk(&walk, fd) != 0;
}

static bool is_same(const struct tmpfs_usage *a, const struct tmpfs_usage *b)
{
	return a->dev == b->dev && a->bytes == b->bytes && a->files == b->files;
}

/* Brings every place's use up to date. Whether a place that has to be walked has changed. */
static bool places_look(struct unheld *u, struct process_table *table)
{
	bool changed = false;

	for (unsigned i = 0; i < u->places.n;) {
		struct place *place = &u->places.places[i];
		struct tmpfs_usage usage;
		int fd = place_open(&u->places, table, place, &usage);

		if (fd == -ENOENT && place->namespace) {
			u->places.places[i] = u->places.places[--u->places.n];
			continue;
		}
		place->failed = fd < 0;
		if (fd >= 0) {
			changed |= !place->own && !is_same(&usage, &place->usage);
			place->usage = usage;
			close(fd);
		}
		i++;
	}
	return changed;
}

static void places_walk(struct unheld *u, struct process_table *table)
{
	uint64_t deadline_ns = monotonic_ns() + WALK_NS;

	u->cut = false;
	u->walked_ns = u->now_ns;
	for (unsigned i = 0; i < u->places.n; i++) {
		struct place *place = &u->places.places[i];
		struct tmpfs_usage usage;
		int fd = place->own ? -1 : place_open(&u->places, table, place, &usage);

		if (fd < 0)
			continue;
		place->usage = usage;
		place_walk(u, place, fd, deadline_ns);
		close(fd);
	}
	forget_unseen(&u->files, u->now_ns);
}

/* Whether a process of the step made the segment, or used it last; what a member did stays known. */
static bool segment_is_own(
	const struct unheld *u, struct process_table *table, const struct sysv_segment *s)
{
	int i = object_table_find(&u->segments, 0, s->id, false);

	return (i >= 0 && u->segments.rows[i].store) || process_find(table, s->creator) ||
		process_find(table, s->last);
}

static void segments_look(struct unheld *u, struct objects *o, struct process_table *table)
{
	const struct sysv *list = objects_sysv(o, u->now_ns);

	for (unsigned i = 0; i < list->n; i++) {
		const struct sysv_segment *s = &list->segments[i];
		int row;

		if (s->uid != u->uid || s->changed_s < (uint64_t)u->begin.tv_sec)
			continue;
		/* What is attached counts where it is attached. */
		row = note(u, &u->segments, 0, s->id, s->attached ? 0 : s->bytes);
		if (row >= 0)
			u->segments.rows[row].store |= segment_is_own(u, table, s);
	}
	u->cut |= list->cut;
	forget_unseen(&u->segments, u->now_ns);
}

/* The part of an own mount that no object has yet. */
static uint64_t mount_rest(const struct place *place, const struct objects *o)
{
	uint64_t held = 0;
	unsigned n;
	const struct look_object *rows = objects_rows(o, &n);

	for (unsigned i = 0; i < n; i++)
		held += rows[i].dev == place->usage.dev ? rows[i].bytes : 0;
	return place->usage.bytes > held ? place->usage.bytes - held : 0;
}

/* Without rights no mapping tells the size of a file, but the walk has found the file. */
static uint64_t files_add_up(struct unheld *u, const struct objects *o)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < u->files.n; i++) {
		struct look_object *x = &u->files.rows[i];

		if (objects_has(o, x->dev, x->ino, false))
			x->store = true;
		else if (objects_maps_unmeasured(o, x->dev, x->ino))
			u->totals.mapped += x->bytes;
		else
			sum += x->bytes;
	}
	return sum;
}

static void add_up(struct unheld *u, const struct objects *o, struct process_table *table, bool ask)
{
	uint64_t doubtful;

	u->totals = (struct unheld_totals){
		.mapped = objects_totals(o).shared,
		.left_out = u->places.left_out + u->cut,
	};
	doubtful = files_add_up(u, o);
	for (unsigned i = 0; i < u->places.n; i++) {
		u->totals.left_out += u->places.places[i].failed;
		if (u->places.places[i].own)
			u->totals.shared += mount_rest(&u->places.places[i], o);
	}
	for (unsigned i = 0; i < u->segments.n; i++) {
		const struct look_object *x = &u->segments.rows[i];

		if (objects_has(o, 0, x->ino, true))
			continue;
		if (x->store)
			u->totals.shared += x->bytes;
		else
			doubtful += x->bytes;
	}
	/* Nearly always there is nothing, and nobody need be asked. */
	if (ask)
		u->alone = doubtful && !company_has(u->proc_fd, u->uid, table);
	*(u->alone ? &u->totals.shared : &u->totals.unheld) += doubtful;
}

static void look(struct unheld *u, struct objects *o, struct process_table *table, bool walk)
{
	uint64_t begin_ns = monotonic_ns();

	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);

		if (p->place_ns >= p->whole_ns)
			continue;
		p->place_ns = p->whole_ns;
		places_of_process(&u->places, p);
	}
	walk |= places_look(u, table) || u->now_ns - u->walked_ns >= WALK_AGE_NS;
	if (walk)
		places_walk(u, table);
	segments_look(u, o, table);
	add_up(u, o, table, true);
	u->next_ns = u->now_ns + PAUSE * (monotonic_ns() - begin_ns);
	if (u->next_ns < u->now_ns + INTERVAL_NS)
		u->next_ns = u->now_ns + INTERVAL_NS;
}

void unheld_refresh(
	struct unheld *u, struct objects *o, struct process_table *table, uint64_t now_ns)
{
	if (!u->now_ns)
		u->next_ns = now_ns + SETTLED_NS;
	u->now_ns = now_ns;
	if (now_ns >= u->next_ns)
		look(u, o, table, false);
	/* A file that a process has mapped since then counts as an object now, not twice. */
	else if (u->totals.shared || u->totals.unheld || u->files.n)
		add_up(u, o, table, false);
}

struct unheld_totals unheld_totals(const struct unheld *u)
{
	return u->totals;
}

void unheld_left(struct unheld *u, struct objects *o, struct process_table *table, uint64_t now_ns,
	struct look_left *out)
{
	*out = (struct look_left){ 0 };
	u->now_ns = now_ns;
	u->alone = !company_has(u->proc_fd, u->uid, table);
	u->left = out;
	places_walk(u, table);
	u->left = NULL;
	segments_look(u, o, table);
	for (unsigned i = 0; i < u->segments.n; i++) {
		const struct look_object *row = &u->segments.rows[i];
		const struct look_left_object x = {
			.kind = LEFT_SYSV,
			.bytes = row->bytes,
			.id = row->ino,
		};

		if (row->bytes && (row->store || u->alone))
			left_insert(out, &x);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/process_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"

/* Open addressing over indices into dense arrays, so that a tick walks memory in order. */
struct process_table {
	struct process *entries;
	struct look_process *rows; /* rows[i] belongs to entries[i] */
	uint32_t *slots; /* index + 1, 0 = free */
	unsigned count;
	unsigned capacity; /* of entries; slots has twice as many */
	unsigned limit;
	uint64_t left_out;
	uint64_t title_seed; /* of the hash: no process can choose a title with another's hash */
	uint64_t now_ns; /* the look */
	struct reading *reading;
	const struct shunned *shunned;
	struct reading unwatched; /* where nobody watches */
	struct shunned nobody;
};

enum { CAPACITY_START = 64 };

static unsigned slot_of(const struct process_table *t, pid_t pid)
{
	return ((unsigned)pid * 2654435761u) & (2 * t->capacity - 1);
}

static void slot_insert(struct process_table *t, unsigned index)
{
	unsigned s = slot_of(t, t->entries[index].pid);

	while (t->slots[s])
		s = (s + 1) & (2 * t->capacity - 1);
	t->slots[s] = index + 1;
}

/* The slot that holds pid, or the free one where the search ended. */
static unsigned slot_find(const struct process_table *t, pid_t pid)
{
	unsigned s = slot_of(t, pid);

	while (t->slots[s] && t->entries[t->slots[s] - 1].pid != pid)
		s = (s + 1) & (2 * t->capacity - 1);
	return s;
}

static bool grow(struct process_table *t)
{
	unsigned capacity = t->capacity ? 2 * t->capacity : CAPACITY_START;
	uint32_t *slots = calloc(2 * (size_t)capacity, sizeof(*slots));
	struct process *entries = realloc(t->entries, capacity * sizeof(*entries));
	struct look_process *rows = realloc(t->rows, capacity * sizeof(*rows));

	/* Whatever succeeded is kept: a larger array than needed does no harm. */
	if (entries)
		t->entries = entries;
	if (rows)
		t->rows = rows;
	for (unsigned i = 0; i < t->count; i++)
		t->entries[i].row = &t->rows[i];
	if (!slots || !entries || !rows) {
		free(slots);
		return false;
	}
	free(t->slots);
	t->slots = slots;
	t->capacity = capacity;
	for (unsigned i = 0; i < t->count; i++)
		slot_insert(t, i);
	return true;
}

struct process_table *process_table_create(unsigned limit)
{
	struct process_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->limit = limit;
	process_table_watch(t, &t->unwatched, &t->nobody);
	/* Without random bytes the hash is only a weaker one. */
	(void)!getrandom(&t->title_seed, sizeof(t->title_seed), GRND_NONBLOCK);
	if (!grow(t)) {
		process_table_destroy(t);
		return NULL;
	}
	return t;
}

void process_table_destroy(struct process_table *t)
{
	if (!t)
		return;
	while (t->count)
		process_remove(t, &t->entries[t->count - 1]);
	free(t->entries);
	free(t->rows);
	free(t->slots);
	free(t);
}

void process_table_watch(
	struct process_table *t, struct reading *reading, const struct shunned *shunned)
{
	t->reading = reading;
	t->shunned = shunned;
}

void process_table_begin(struct process_table *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
}

bool process_reading(const struct process_table *t, pid_t pid)
{
	if (t->shunned->hangs && shunned_has(t->shunned, pid, t->now_ns))
		return false;
	reading_note(t->reading, pid);
	return true;
}

void process_reading_end(const struct process_table *t)
{
	reading_note(t->reading, 0);
}

unsigned process_table_shunned(const struct process_table *t)
{
	unsigned n = 0;

	for (unsigned i = 0; t->shunned->hangs && i < t->count; i++)
		n += t->entries[i].shunned;
	return n;
}

bool process_table_shuns_all(const struct process_table *t)
{
	return shunned_all(t->shunned, t->now_ns);
}

uint64_t process_table_left_out(const struct process_table *t)
{
	return t->left_out;
}

unsigned process_count(const struct process_table *t)
{
	return t->count;
}

struct process *process_at(const struct process_table *t, unsigned i)
{
	return &t->entries[i];
}

struct look_process *process_rows(const struct process_table *t)
{
	return t->rows;
}

struct process *process_find(const struct process_table *t, pid_t pid)
{
	uint32_t found = t->slots[slot_find(t, pid)];

	return found ? &t->entries[found - 1] : NULL;
}

struct process *process_add(struct process_table *t, pid_t pid)
{
	struct process *p;

	if (t->count >= t->limit || (t->count == t->capacity && !grow(t))) {
		t->left_out++;
		return NULL;
	}
	p = &t->entries[t->count];
	*p = (struct process){
		.pid = pid, .via = pid, .row = &t->rows[t->count], .title_fd = -1, .statm_fd = -1
	};
	*p->row = (struct look_process){ .pid = pid,
		.task = NO_TASK,
		.pss = UNKNOWN,
		.uss = UNKNOWN,
		.lazyfree = UNKNOWN,
		.pss_at_ns = UNKNOWN };
	slot_insert(t, t->count++);
	return p;
}

static uint64_t hash(uint64_t seed, const char *text)
{
	return text_hash(seed, text, strlen(text));
}

void process_title(const struct process_table *t, struct process *p, const char *text, size_t len)
{
	text_clean(p->row->title, sizeof(p->row->title), text, len);
	p->row->title_hash = hash(t->title_seed, p->row->title);
}

void process_name(
	const struct process_table *t, struct process *p, const struct ray_identity *identity)
{
	p->role = identity->role;
	if (p->adopted)
		return;
	p->row->role = identity->role;
	memcpy(p->row->name, identity->name, sizeof(p->row->name));
	p->row->name_hash = hash(t->title_seed + (uint64_t)identity->role, identity->name);
}

void process_identify(const struct process_table *t, struct process *p, const struct pid_stat *stat,
	uint64_t now_ns)
{
	p->row->ppid = stat->ppid;
	p->row->start = stat->start;
	p->start_stack = stat->start_stack;
	p->start_brk = stat->start_brk;
	p->stat_ns = now_ns;
	process_title(t, p, stat->comm, strlen(stat->comm));
	p->title_sum = 0;
	if (!p->row->name[0]) {
		const struct ray_evidence evidence = { .command = stat->comm, .actor = "" };
		struct ray_identity identity;

		ray_identify(&evidence, &identity);
		process_name(t, p, &identity);
	}
}

void process_remove(struct process_table *t, struct process *p)
{
	unsigned mask = 2 * t->capacity - 1;
	unsigned hole = slot_find(t, p->pid);
	struct process *last = &t->entries[t->count - 1];

	if (p->statm_fd >= 0)
		close(p->statm_fd);
	if (p->title_fd >= 0)
		close(p->title_fd);
	/* Move later entries of the probe sequence up, so that none is cut off by the hole. */
	for (unsigned s = (hole + 1) & mask; t->slots[s]; s = (s + 1) & mask) {
		unsigned home = slot_of(t, t->entries[t->slots[s] - 1].pid);

		if (((s - home) & mask) >= ((s - hole) & mask)) {
			t->slots[hole] = t->slots[s];
			hole = s;
		}
	}
	t->slots[hole] = 0;
	if (p != last) {
		t->slots[slot_find(t, last->pid)] = (uint32_t)(p - t->entries) + 1;
		*p->row = *last->row;
		last->row = p->row;
		*p = *last;
	}
	t->count--;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/object_table.h"

#include <stdlib.h>

enum { CAPACITY_START = 64 };

void object_table_clear(struct object_table *t)
{
	free(t->rows);
	free(t->states);
	free(t->slots);
	*t = (struct object_table){ 0 };
}

static unsigned slot_home(const struct object_table *t, uint64_t dev, uint64_t ino, bool sysv)
{
	uint64_t key = ino ^ dev << 40 ^ (uint64_t)sysv << 63;

	return (unsigned)(key * 0x9e3779b97f4a7c15u >> 40) & (2 * t->capacity - 1);
}

/* The slot that holds the key, or the free one where the search ended. */
static unsigned slot_find(const struct object_table *t, uint64_t dev, uint64_t ino, bool sysv)
{
	unsigned s = slot_home(t, dev, ino, sysv);

	for (; t->slots[s]; s = (s + 1) & (2 * t->capacity - 1)) {
		const struct look_object *x = &t->rows[t->slots[s] - 1];

		if (x->ino == ino && x->dev == dev && x->sysv == sysv)
			break;
	}
	return s;
}

static unsigned slot_of(const struct object_table *t, unsigned index)
{
	const struct look_object *x = &t->rows[index];

	return slot_find(t, x->dev, x->ino, x->sysv);
}

int object_table_find(const struct object_table *t, uint64_t dev, uint64_t ino, bool sysv)
{
	return t->capacity ? (int)t->slots[slot_find(t, dev, ino, sysv)] - 1 : -1;
}

static bool grow(struct object_table *t)
{
	unsigned capacity = t->capacity ? 2 * t->capacity : CAPACITY_START;
	struct look_object *rows;
	struct object_state *states;
	uint32_t *slots;

	if (capacity > OBJECTS_MAX)
		return false;
	rows = realloc(t->rows, capacity * sizeof(*rows));
	if (rows)
		t->rows = rows;
	states = realloc(t->states, capacity * sizeof(*states));
	if (states)
		t->states = states;
	slots = calloc(2 * (size_t)capacity, sizeof(*slots));
	if (!rows || !states || !slots) {
		free(slots);
		return false;
	}
	free(t->slots);
	t->slots = slots;
	t->capacity = capacity;
	for (unsigned i = 0; i < t->n; i++)
		t->slots[slot_of(t, i)] = i + 1;
	return true;
}

int object_table_add(struct object_table *t, uint64_t dev, uint64_t ino, bool sysv)
{
	unsigned index = t->n;

	if (index == t->capacity && !grow(t))
		return -1;
	t->rows[index] = (struct look_object){ .dev = dev, .ino = ino, .sysv = sysv };
	t->states[index] = (struct object_state){ 0 };
	t->slots[slot_find(t, dev, ino, sysv)] = index + 1;
	t->n++;
	return (int)index;
}

/* Closes the hole in the probe sequences, so that no later entry is cut off. */
static void slot_free(struct object_table *t, unsigned hole)
{
	unsigned mask = 2 * t->capacity - 1;

	for (unsigned s = (hole + 1) & mask; t->slots[s]; s = (s + 1) & mask) {
		const struct look_object *x = &t->rows[t->slots[s] - 1];
		unsigned home = slot_home(t, x->dev, x->ino, x->sysv);

		if (((s - home) & mask) >= ((s - hole) & mask)) {
			t->slots[hole] = t->slots[s];
			hole = s;
		}
	}
	t->slots[hole] = 0;
}

void object_table_remove(struct object_table *t, unsigned index)
{
	unsigned last = t->n - 1;

	slot_free(t, slot_of(t, index));
	if (index != last) {
		t->slots[slot_of(t, last)] = index + 1;
		t->rows[index] = t->rows[last];
		t->states[index] = t->states[last];
	}
	t->n--;
}

/* The process's own entry, else a new one, else that of a descriptor where w is a mapping. */
static struct object_witness *entry_for(struct object_state *s, const struct object_witness *w)
{
	for (unsigned i = 0; i < s->witnesses_n; i++)
		if (s->witnesses[i].pid == w->pid)
			return &s->witnesses[i];
	if (s->witnesses_n < OBJECT_WITNESSES)
		return &s->witnesses[s->witnesses_n++];
	s->more = true;
	for (unsigned i = 0; w->end && i < s->witnesses_n; i++)
		if (!s->witnesses[i].end)
			return &s->witnesses[i];
	return s->lost_ns ? &s->witnesses[0] : NULL;
}

void object_table_forget(struct object_table *t, uint64_t before_ns)
{
	for (unsigned i = t->n; i-- > 0;)
		if (t->states[i].seen_ns < before_ns)
			object_table_remove(t, i);
}

void object_table_witness(
	struct object_table *t, unsigned index, const struct object_witness *w, uint64_t now_ns)
{
	struct object_state *s = &t->states[index];
	struct object_witness *entry = entry_for(s, w), first = s->witnesses[0];
	bool lost = s->lost_ns;

	s->seen_ns = now_ns;
	s->lost_ns = 0;
	/* A mapping is the better witness: the number of a descriptor is soon used again. */
	if (!entry || (!lost && entry->pid == w->pid && entry->end && !w->end))
		return;
	*entry = *w;
	if (entry != s->witnesses && (lost || (w->end && !first.end))) {
		s->witnesses[0] = *w;
		*entry = first;
	}
}

void object_table_store_at(struct object_table *t, uint64_t length)
{
	for (unsigned i = 0; i < t->n; i++) {
		const struct object_witness *w = &t->states[i].witnesses[0];

		if (t->states[i].witnesses_n && w->end - w->start >= length && w->end > w->start)
			t->rows[i].store = true;
	}
}

uint64_t object_table_bytes(const struct object_table *t, bool only_store)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < t->n; i++)
		sum += !only_store || t->rows[i].store ? t->rows[i].bytes : 0;
	return sum;
}

uint64_t object_table_fallback(const struct object_table *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < t->n; i++)
		sum += t->rows[i].fallback ? t->rows[i].bytes : 0;
	return sum;
}

bool object_table_has_store(const struct object_table *t)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->rows[i].store)
			return true;
	return false;
}

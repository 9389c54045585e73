/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/file_set.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_START = 256, CAPACITY_MAX = 32768 };

void file_set_clear(struct file_set *f)
{
	free(f->slots);
	*f = (struct file_set){ 0 };
}

/* The file's slot, or the vacant one where it would stand. */
static struct file_set_entry *slot_find(const struct file_set *f, dev_t dev, uint64_t ino)
{
	unsigned mask = f->capacity - 1;
	unsigned i = (unsigned)(((uint64_t)ino ^ (uint64_t)dev << 32) * 0x9e3779b97f4a7c15u >> 40);

	for (i &= mask; f->slots[i].seen_ns; i = (i + 1) & mask)
		if (f->slots[i].ino == ino && f->slots[i].dev == dev)
			break;
	return &f->slots[i];
}

/* Makes room, first by leaving out files that nobody maps any more. */
static void slots_renew(struct file_set *f)
{
	struct file_set old = *f, new = { .bytes = f->bytes, .left_out = f->left_out };
	unsigned live = 0;

	for (unsigned i = 0; i < old.capacity; i++)
		live += old.slots[i].bytes > 0;
	new.capacity = old.capacity ? old.capacity : CAPACITY_START;
	while (new.capacity < CAPACITY_MAX && live > new.capacity / 4)
		new.capacity *= 2;
	new.slots = calloc(new.capacity, sizeof(*new.slots));
	if (!new.slots)
		return;
	for (unsigned i = 0; i < old.capacity; i++) {
		const struct file_set_entry *x = &old.slots[i];

		if (!x->bytes)
			continue;
		*slot_find(&new, x->dev, x->ino) = *x;
		new.used++;
	}
	free(old.slots);
	*f = new;
}

void file_set_note(struct file_set *f, dev_t dev, uint64_t ino, uint64_t bytes, uint64_t now_ns)
{
	struct file_set_entry *x;

	if (!f->capacity)
		slots_renew(f);
	if (!f->capacity)
		return;
	x = slot_find(f, dev, ino);
	if (!x->seen_ns) {
		if (f->used >= f->capacity / 2 && !f->full) {
			slots_renew(f);
			x = slot_find(f, dev, ino);
			f->full = f->used >= f->capacity / 2;
		}
		if (f->full) {
			f->left_out++;
			return;
		}
		f->used++;
		x->dev = dev;
		x->ino = ino;
	}
	x->seen_ns = now_ns;
	if (x->bytes < bytes) {
		f->bytes += bytes - x->bytes;
		x->bytes = bytes;
	}
}

void file_set_expire(struct file_set *f, uint64_t before_ns)
{
	f->full = false;
	f->left_out = 0;
	/* The keys stay until there is no room: so no file behind them in its probe is lost. */
	for (unsigned i = 0; i < f->capacity; i++) {
		if (f->slots[i].seen_ns >= before_ns)
			continue;
		f->bytes -= f->slots[i].bytes;
		f->slots[i].bytes = 0;
	}
}

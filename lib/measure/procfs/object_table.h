/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects by their key (device, inode, whether SysV): a hash over a dense array, whose rows are what
 * a look shows. Beside each row stand the object's witnesses: the processes through whose mapping or
 * descriptor the object can be measured.
 */
#ifndef RAYPSS_OBJECT_TABLE_H
#define RAYPSS_OBJECT_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/look.h"

enum {
	OBJECTS_MAX = 65536, /* 10 MiB; of ordinary steps a few kilobytes are used */
	OBJECT_WITNESSES = 4,
};

struct object_witness {
	pid_t pid;
	uint64_t start; /* of the mapping; with end 0 the number of the descriptor */
	uint64_t end;
};

struct object_state {
	uint64_t seen_ns; /* the look in which a scan last found the object */
	uint64_t
		lost_ns; /* the look in which no witness led to the object any more, 0 = not lost */
	uint32_t witnesses_n;
	bool more; /* other processes have had the object, too */
	struct object_witness witnesses[OBJECT_WITNESSES]; /* the first one measures */
};

/* Zeroed is empty; object_table_clear gives everything back. */
struct object_table {
	struct look_object *rows;
	struct object_state *states; /* of the same index */
	uint32_t *slots; /* open addressing: index + 1, 0 = free; twice as many as rows */
	unsigned n;
	unsigned capacity;
};

void object_table_clear(struct object_table *t);

/* The index of the object, or -1. An index is valid until the next remove. */
int object_table_find(const struct object_table *t, uint64_t dev, uint64_t ino, bool sysv);

/* Adds an object that is not in the table, without bytes. Its index, or -1: no room. */
int object_table_add(struct object_table *t, uint64_t dev, uint64_t ino, bool sysv);

/* Removes the object at the index; the last object takes its place. */
void object_table_remove(struct object_table *t, unsigned index);

/* Removes the objects that no scan since before_ns has found. */
void object_table_forget(struct object_table *t, uint64_t before_ns);

/* Notes that a scan found the object through the witness; the object is then not lost. */
void object_table_witness(
	struct object_table *t, unsigned index, const struct object_witness *w, uint64_t now_ns);

/* Rows that a mapping of at least that length leads to are Ray's object store. */
void object_table_store_at(struct object_table *t, uint64_t length);

/* The memory of all rows, or of those that are Ray's object store with its fallback. */
uint64_t object_table_bytes(const struct object_table *t, bool only_store);
/* The memory of the rows that are fallback. */
uint64_t object_table_fallback(const struct object_table *t);

/* Whether a row is Ray's object store or its fallback. */
bool object_table_has_store(const struct object_table *t);

#endif

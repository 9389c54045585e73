/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The distinct files of which only the mapped part is known: page cache, an upper bound. The set
 * holds 16384 files; it counts how often a further file was left out.
 */
#ifndef RAYPSS_FILE_SET_H
#define RAYPSS_FILE_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct file_set_entry {
	dev_t dev;
	uint64_t ino;
	uint64_t bytes; /* 0 = no entry, or nobody maps it any more */
	uint64_t seen_ns;
};

/* Zeroed is empty; file_set_clear gives it all back. */
struct file_set {
	bool full; /* of files that are mapped: cleaning up makes no room either */
	uint64_t left_out; /* mappings of files without room since the last expire */
	struct file_set_entry *slots; /* open addressing */
	unsigned capacity;
	unsigned used; /* slots that hold a key */
	uint64_t bytes; /* of all files together */
};

void file_set_clear(struct file_set *f);

/* Notes that the file is mapped up to this many bytes. */
void file_set_note(struct file_set *f, dev_t dev, uint64_t ino, uint64_t bytes, uint64_t now_ns);

/* Forgets the files that were last noted before. */
void file_set_expire(struct file_set *f, uint64_t before_ns);

#endif

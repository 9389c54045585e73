/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The distinct files of which only what is mapped is known: page cache, an upper bound. */
#ifndef RAYPSS_FILE_SET_H
#define RAYPSS_FILE_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mapped_file {
	dev_t dev;
	uint64_t ino;
	uint64_t bytes; /* 0 = no entry, or nobody maps it any more */
	uint64_t seen_ns;
};

/* Zeroed is empty; mapped_files_clear gives it all back. */
struct mapped_files {
	bool full; /* of files that are mapped: not even cleaning up makes room */
	struct mapped_file *slots; /* open addressing */
	unsigned capacity;
	unsigned used; /* slots that hold a key */
	uint64_t bytes; /* of all files together */
};

void mapped_files_clear(struct mapped_files *f);

/* Notes that the file is mapped up to this many bytes; beyond 16384 files it does nothing. */
void mapped_files_note(
	struct mapped_files *f, dev_t dev, uint64_t ino, uint64_t bytes, uint64_t now_ns);

/* Forgets those that were not noted since. */
void mapped_files_expire(struct mapped_files *f, uint64_t before_ns);

#endif

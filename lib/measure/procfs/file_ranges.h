/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of files, as processes map them, each byte of a file once. A part is known by its ends and by
 * how many of its bytes are resident. Of equal parts the one with more bytes counts; parts that
 * overlap have the sum of their bytes, at most the length that they cover together. Holds 8192 parts.
 */
#ifndef RAYPSS_FILE_RANGES_H
#define RAYPSS_FILE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct file_range {
	dev_t dev;
	uint64_t ino;
	uint64_t start; /* offset in the file */
	uint64_t end;
	uint64_t bytes; /* resident */
	uint64_t seen_ns; /* when it was noted last */
};

/* Zeroed is empty; file_ranges_clear gives it all back. */
struct file_ranges {
	struct file_range *rows;
	size_t n;
	size_t capacity;
	uint64_t left_out; /* parts without room since the last expire */
	bool noted; /* parts were noted since then */
	bool full; /* since then, too: the rows are sorted */
	uint64_t bytes; /* of all parts together, as of the last expire */
};

void file_ranges_clear(struct file_ranges *f);

void file_ranges_note(struct file_ranges *f, const struct file_range *range);

/* Forgets the parts that were last noted before, and adds up the others. */
void file_ranges_expire(struct file_ranges *f, uint64_t before_ns);

#endif

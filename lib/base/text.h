/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that comes from users' processes: bounded, and without control characters; sums of it. */
#ifndef RAYPSS_TEXT_H
#define RAYPSS_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for a process title or name, with its NUL. */
enum { TITLE_SIZE = 64 };

/*
 * Copies at most len bytes of src to dst (size bytes with the NUL). Every byte that is
 * not printable ASCII becomes '?', because terminals, logs and JSON readers interpret such bytes.
 * Returns strlen(dst).
 */
size_t text_clean(char *dst, size_t size, const char *src, size_t len);

/*
 * Appends to the text of *n characters in buf (size bytes with the NUL), like sprintf. What has no
 * room is cut off.
 */
void text_add(char *buf, size_t size, size_t *n, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/, of len bytes, begun with the seed. */
uint64_t text_hash(uint64_t seed, const char *text, size_t len);

#endif

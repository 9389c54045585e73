/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SysV shared memory as the kernel lists it: reading the list needs no right to look into a process. */
#ifndef RAYPSS_SYSV_H
#define RAYPSS_SYSV_H

#include <stdbool.h>
#include <stdint.h>

/* A segment's id is the inode number of its mappings. */
struct sysv_segment {
	uint64_t id;
	uint64_t bytes; /* resident and swapped */
};

/* The list at one moment. Zeroed is empty; sysv_clear gives everything back. */
struct sysv {
	struct sysv_segment *segments; /* sorted by id */
	unsigned n;
	unsigned capacity;
	uint64_t read_ns; /* the look that read the list */
};

void sysv_clear(struct sysv *s);

/*
 * Finds the size of a segment in /proc/sysvipc/shm, which is read once per look (now_ns). False =
 * the segment is not listed, or the list cannot be read.
 */
bool sysv_bytes(struct sysv *s, int proc_fd, uint64_t now_ns, uint64_t id, uint64_t *bytes);

#endif

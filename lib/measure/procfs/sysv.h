/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SysV shared memory as the kernel lists it in /proc/sysvipc/shm (proc(5)): reading the list needs no
 * right to look into a process. It has the segments of the accountant's own IPC namespace.
 */
#ifndef RAYPSS_SYSV_H
#define RAYPSS_SYSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A segment's id is the inode number of its mappings. */
struct sysv_segment {
	uint64_t id;
	uint64_t bytes; /* resident and swapped */
	uint64_t attached; /* how often */
	uint64_t changed_s; /* made, or its owner changed; seconds since the epoch */
	pid_t creator;
	pid_t last; /* attached or detached it last */
	uid_t uid; /* of the creator */
};

/* The list at one moment. Zeroed is empty; sysv_clear gives everything back. */
struct sysv {
	struct sysv_segment *segments; /* sorted by id */
	unsigned n;
	unsigned capacity;
	bool cut; /* there was no room for all */
	uint64_t read_ns; /* the look that read the list */
	/* The process last asked for its IPC namespace, in which look, and the answer. */
	pid_t asked;
	uint64_t asked_ns;
	uint64_t space;
};

void sysv_clear(struct sysv *s);

/* Reads the list, unless the look now_ns has done so. Empty where it cannot be read. */
void sysv_read(struct sysv *s, int proc_fd, uint64_t now_ns);

/* The size of a segment, from sysv_read. False = the segment is not listed. */
bool sysv_bytes(struct sysv *s, int proc_fd, uint64_t now_ns, uint64_t id, uint64_t *bytes);

/*
 * Ids are unique in an IPC namespace only. The mark of the namespace of the process pid, for the
 * upper half of a segment's device number: 0 = our own, or not known.
 */
uint64_t sysv_space(struct sysv *s, int proc_fd, pid_t pid, uint64_t now_ns);

/* The device number without the mark, and whether it has one. */
static inline uint64_t sysv_device(uint64_t dev)
{
	return (uint32_t)dev;
}

static inline bool sysv_is_foreign(uint64_t dev)
{
	return dev >> 32;
}

/* A line of the list, without its newline. 0 or -EINVAL: the head, or no such line. */
int sysv_parse(const char *line, size_t len, struct sysv_segment *out);

#endif

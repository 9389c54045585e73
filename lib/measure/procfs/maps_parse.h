/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of /proc/PID/maps, a pure parser over a buffer.
 * Format: Documentation/filesystems/proc.rst of the kernel, section 1.1.
 */
#ifndef RAYPSS_MAPS_PARSE_H
#define RAYPSS_MAPS_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Room for a path. Of a longer path the end is kept: it has the name and " (deleted)". */
#define MAPS_PATH 128

struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	dev_t dev;
	uint64_t ino; /* dev and ino 0: no file, but anonymous memory, a stack, vdso */
	bool shared; /* MAP_SHARED */
	char path[MAPS_PATH]; /* not cleaned; the kernel writes newline as \012 */
};

/*
 * Parses the line at *pos and moves behind it. 1 = *out is filled, 0 = no whole line is left
 * before end, -EINVAL = not a maps line (*pos is behind it all the same).
 */
int maps_next(const char **pos, const char *end, struct mapping *out);

/* Sets the path. Of a path that is too long the end is kept. */
void mapping_path_set(struct mapping *m, const char *path, size_t len);

/* Whether the mapping is of a file. The first SysV segment has inode 0, but a device. */
bool mapping_has_file(const struct mapping *m);

/*
 * Whether the path is that of a SysV shared memory segment, whose id is the inode. A user's file can
 * have such a path, too: the device must be the kernel's own (devices_is_internal).
 */
bool mapping_is_sysv(const struct mapping *m);

/*
 * Whether the mapping is of pages of the kernel's: a ring of a socket (packet(7), PACKET_RX_RING) or of
 * io_uring(7), an array of bpf(2); or of secret ones (memfd_secret(2)). All are on file systems of the
 * kernel's own, where no user's file can be.
 */
bool mapping_is_pinned(const struct mapping *m);

/*
 * Whether the inode of such a mapping is no key, because many rings may have the same. Their offsets
 * say what is mapped, not where it lies.
 */
bool mapping_is_anonymous_inode(const struct mapping *m);

/* Whether the mapped file is Ray's object store or its fallback: a file name "plasma*". */
bool mapping_is_plasma(const struct mapping *m);

#endif

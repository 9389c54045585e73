/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers for what the kernel says about mounts: lines of /proc/PID/mountinfo and the mount of an
 * open file in /proc/PID/fdinfo/N. Both are pure functions over a buffer.
 * Format: Documentation/filesystems/proc.rst of the kernel, sections 3.5 and 3.8.
 */
#ifndef RAYPSS_MOUNT_PARSE_H
#define RAYPSS_MOUNT_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Longer names of file system types are cut. */
enum { MOUNT_TYPE = 32 };

struct mount_line {
	uint64_t id; /* unique among the mounts of all namespaces while the mount lives */
	dev_t dev; /* of the file system, as in /proc/PID/maps */
	char type[MOUNT_TYPE]; /* "tmpfs", "ext4", "fuse.sshfs", .. */
	const char *point; /* where, within the line: the kernel writes a space as \040 */
	size_t point_len;
	bool whole; /* the file system's root is mounted, not a folder of it */
};

/*
 * Parses the line of mountinfo at *pos and moves *pos behind it. 1 = *out is filled, 0 = no whole
 * line is left before end, -EINVAL = not a line of mountinfo (*pos is behind it all the same).
 */
int mount_line_next(const char **pos, const char *end, struct mount_line *out);

/* Finds the number behind "scm_fds:" in the text of fdinfo. 0 or -EINVAL. */
int fdinfo_in_flight(const char *text, size_t len, uint64_t *count);

/* Finds the number behind "mnt_id:" in the text of fdinfo. 0 or -EINVAL. */
int mount_of_fdinfo(const char *text, size_t len, uint64_t *id);

#endif

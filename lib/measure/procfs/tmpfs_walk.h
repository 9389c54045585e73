/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a user on a tmpfs that were made after a moment. Users decide what is there: a walk
 * has a bound of entries, depth and time, follows no symbolic link and enters no other file system.
 */
#ifndef RAYPSS_TMPFS_WALK_H
#define RAYPSS_TMPFS_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "measure/look.h"

struct tmpfs_usage {
	uint64_t dev;
	uint64_t bytes;
	uint64_t files;
	struct timespec born; /* of the root; 0 where the kernel does not tell */
};

/*
 * Opens a directory (O_PATH) that is the root of a tmpfs and tells what is used there. The
 * descriptor, which is the caller's and must be closed soon since it keeps the mount busy; or
 * -errno, -ENOTSUP: it is no tmpfs.
 */
int tmpfs_open(const char *path, struct tmpfs_usage *out);

/* As tmpfs_open, of a descriptor (O_PATH). 0 or -errno. */
int tmpfs_usage(int fd, struct tmpfs_usage *out);

struct tmpfs_file {
	uint64_t dev;
	uint64_t ino;
	uint64_t bytes;
	char name[LEFT_NAME]; /* path, cleaned */
};

struct tmpfs_walk {
	const char *path; /* for the names */
	uint64_t dev;
	uid_t uid;
	struct timespec since; /* a file_clock */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC */
	void (*visit)(void *context, const struct tmpfs_file *file);
	void *context;
};

enum { TMPFS_WALK_CUT = 1 };

/* 0, TMPFS_WALK_CUT where a bound was hit, or -errno. fd stays the caller's. */
int tmpfs_walk(const struct tmpfs_walk *w, int fd);

#endif

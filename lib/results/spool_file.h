/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files in a directory that others read and write at the same time. */
#ifndef RAYPSS_SPOOL_FILE_H
#define RAYPSS_SPOOL_FILE_H

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* Room for the name of a file in the spool. */
enum { FILE_NAME = 400 };

/*
 * Writes value as JSON under its name, all or nothing: readers see the old file or the new one. Not
 * synchronised with the disk. uid: who may read it beside root. 0 or -errno.
 */
int spool_file_write(int dir, const char *name, const json_t *value, uid_t uid);

/*
 * Reads an open file, which stays the caller's. 0 and its allocated text, without a NUL; or -errno:
 * -EISDIR, -EINVAL: it is another kind of file, -EFBIG: it is larger than a record can be.
 */
int spool_file_text(int fd, char **text, size_t *size);

/* Reads JSON: a new reference, or NULL where there is no regular file with a whole text in it. */
json_t *spool_file_read(int dir, const char *name);

/*
 * A regular file, which is made (mode 0600) where it is missing, for reading and writing. Never
 * waits for a planted FIFO, and follows no link. A descriptor or -errno.
 */
int spool_file_open(int dir, const char *name);

/* Locks an open file for itself alone: tries so many times, a millisecond apart. 0 or -EWOULDBLOCK. */
int spool_file_lock(int fd, unsigned tries);

/* A directory stream of its own over an open directory, or NULL and errno. */
DIR *spool_file_list(int dir);

/*
 * The time by the clock of the file system, which gives files their times: nodes that share it may
 * have other clocks. 0 or -errno.
 */
int spool_file_clock(int dir, time_t *now);

/* Copies a name with every character other than [A-Za-z0-9._-] and a first dot as '_'. */
void spool_file_name(char *dst, size_t size, const char *src);

#endif

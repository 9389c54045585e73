/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that a reader sees whole or not at all: it is written beside its place and then renamed. */
#ifndef RAYPSS_WHOLE_FILE_H
#define RAYPSS_WHOLE_FILE_H

#include <limits.h>
#include <stdio.h>
#include <sys/types.h>

struct whole_file {
	FILE *file; /* to write to */
	const char *path; /* its place */
	char part[PATH_MAX]; /* where it is until then */
};

/* Begins the file at path, which must outlive it. 0 or -errno. */
int whole_file_begin(struct whole_file *f, const char *path);

/*
 * rc 0: puts the file into its place, with that mode; otherwise what was written goes. Closes the
 * file. rc, or -errno where the file could not be written or put there.
 */
int whole_file_end(struct whole_file *f, mode_t mode, int rc);

#endif

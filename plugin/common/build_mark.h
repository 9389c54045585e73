/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The build that a program or plugin is of: package and version, Slurm release, and what
 * ray_pss.so and raypssd must have in common (the shared block). Two files of one build have equal
 * marks.
 */
#ifndef RAYPSS_BUILD_MARK_H
#define RAYPSS_BUILD_MARK_H

#include <stddef.h>

/* Room for a mark with its NUL. */
enum { BUILD_MARK_SIZE = 128 };

/* "spank-ray-pss 0.1.0, Slurm 22.05, block 5/123456". The mark of the file that has this code. */
const char *build_mark(void);

/*
 * Copies the mark that stands in the bytes of a file to mark: for ray_pss.so, which cannot be
 * executed. Cleaned text. 0 or -ENOENT.
 */
int build_mark_find(const char *bytes, size_t n, char mark[BUILD_MARK_SIZE]);

/* Copies the Slurm release of a mark, "22.05", to release. 0 or -EINVAL. */
int build_mark_release(const char *mark, char *release, size_t size);

#endif

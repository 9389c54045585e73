/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that a process maps, one mapping after the other: asked of the kernel where it answers
 * (PROCMAP_QUERY, Linux 6.11), else read from the text of maps. Asked, a mapping costs a third,
 * and its path is made only when somebody wants it.
 */
#ifndef RAYPSS_VMA_ITER_H
#define RAYPSS_VMA_ITER_H

#include <stdbool.h>
#include <sys/types.h>

#include "measure/procfs/maps_parse.h"

struct mappings;

/* proc_fd stays the caller's and must outlive the mappings. NULL when out of memory. */
struct mappings *mappings_create(int proc_fd);
void mappings_destroy(struct mappings *m);

/*
 * Begins with the mappings of a process: all of files, or only the shared ones among them. 0 or
 * -errno; each success needs its close.
 */
int mappings_open(struct mappings *m, pid_t pid, bool only_shared);
void mappings_close(struct mappings *m);

/* The next mapping of a file, whose path may be empty. 1, 0 behind the last one, or -errno. */
int mappings_next(struct mappings *m, struct mapping *out);

/* Puts the path into the mapping that mappings_next gave last. 0, or -errno: it is gone. */
int mappings_path(struct mappings *m, struct mapping *mapping);

#endif

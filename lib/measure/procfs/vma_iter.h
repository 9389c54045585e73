/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that a process maps, one mapping after the other. From Linux 6.11 on the kernel is asked
 * for each mapping (PROCMAP_QUERY); before, the text of maps is read. A question costs a third of a
 * line of text, and the kernel makes a path only where it is asked for.
 *
 * A process can map files as fast as we read: the caller must bound its loop.
 */
#ifndef RAYPSS_VMA_ITER_H
#define RAYPSS_VMA_ITER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/procfs/maps_parse.h"

struct mappings;

/* proc_fd stays the caller's and must outlive the mappings. NULL when out of memory. */
struct mappings *mappings_create(int proc_fd);
void mappings_destroy(struct mappings *m);

/*
 * Begins with the first mapping that ends behind the address: all of files, or only the shared ones
 * among them. 0 or -errno; each success needs its close.
 */
int mappings_open(struct mappings *m, pid_t pid, bool only_shared, uint64_t address);
void mappings_close(struct mappings *m);

enum { MAPPINGS_SKIPPED = 2 };

/*
 * The next mapping of a file, whose path may be empty. 1 = *out is filled, MAPPINGS_SKIPPED = only
 * other lines of the text were read, call again; 0 behind the last one, or -errno.
 */
int mappings_next(struct mappings *m, struct mapping *out);

/* Where the next mapping is looked for: what mappings_open needs to go on later. */
uint64_t mappings_address(const struct mappings *m);

/* Puts the path into the mapping that mappings_next gave last. 0, or -errno: it is gone. */
int mappings_path(struct mappings *m, struct mapping *mapping);

#endif

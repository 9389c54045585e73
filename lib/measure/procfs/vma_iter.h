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

struct vma_iter;

/* proc_fd stays the caller's and must outlive the mappings. NULL when out of memory. */
struct vma_iter *vma_iter_create(int proc_fd);
void vma_iter_destroy(struct vma_iter *m);

/*
 * Begins with the first mapping that ends behind the address: all of files, or only the shared ones
 * among them. 0 or -errno; each success needs its close.
 */
int vma_iter_open(struct vma_iter *m, pid_t pid, bool only_shared, uint64_t address);
void vma_iter_close(struct vma_iter *m);

enum { VMA_ITER_SKIPPED = 2 };

/*
 * The next mapping of a file, whose path may be empty. 1 = *out is filled, VMA_ITER_SKIPPED = only
 * other lines of the text were read, call again; 0 behind the last one, or -errno.
 */
int vma_iter_next(struct vma_iter *m, struct mapping *out);

/* Where the next mapping is looked for: what vma_iter_open needs to go on later. */
uint64_t vma_iter_address(const struct vma_iter *m);

/* Puts the path into the mapping that vma_iter_next gave last. 0, or -errno: it is gone. */
int vma_iter_path(struct vma_iter *m, struct mapping *mapping);

#endif

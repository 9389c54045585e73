/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a step can make files in memory that no process holds: the tmpfs mounts that everybody on
 * the node sees (/dev/shm), and those that are only in mount namespaces of the step's processes (a
 * container's).
 */
#ifndef RAYPSS_PLACES_H
#define RAYPSS_PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "measure/procfs/process_table.h"
#include "measure/procfs/tmpfs_walk.h"

enum { PLACES = 16, PLACE_PATH = 256 };

struct place {
	char path[PLACE_PATH];
	uint64_t namespace; /* inode number of the mount namespace, 0 = our own */
	pid_t witness; /* a process there */
	bool own; /* mounted by the step: all of it is the step's */
	bool failed; /* the last look could not see it */
	struct tmpfs_usage usage; /* at the last look */
};

struct places {
	int proc_fd;
	struct timespec since; /* what was made later is the step's */
	struct place places[PLACES];
	unsigned n;
	unsigned left_out; /* without room, and IPC namespaces whose segments cannot be listed */
	uint64_t own_namespace;
	uint64_t known[PLACES]; /* namespaces whose mounts were read */
	unsigned known_n;
	uint64_t own_ipc;
	uint64_t ipc[PLACES]; /* IPC namespaces of the step's processes, our own not among them */
	unsigned ipc_n;
};

/* paths: mount points that everybody sees, NULL behind the last; those without a tmpfs are not taken. */
void places_init(struct places *p, int proc_fd, const char *const *paths, struct timespec since);

/* Takes the mounts of the process's mount namespace, and notes its IPC namespace, if they are new. */
void places_of_process(struct places *p, const struct process *process);

/*
 * Opens the place (O_PATH), with *usage up to date. The descriptor, or -errno; -ENOENT: it is gone.
 * Waits for no server that a user has mounted, unless openat2(2) is refused.
 */
int place_open(const struct places *p, struct process_table *table, struct place *place,
	struct tmpfs_usage *usage);

#endif

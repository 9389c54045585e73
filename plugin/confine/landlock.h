/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock: a process gives up access to files for the rest of its life, whoever it runs as. See
 * landlock(7) and Documentation/userspace-api/landlock.rst of the kernel (Linux 5.13).
 *
 * A process with any such restriction can no longer look into processes that lack it: maps,
 * smaps_rollup, environ, fd and map_files are refused, because the kernel applies the rules of ptrace.
 */
#ifndef RAYPSS_LANDLOCK_H
#define RAYPSS_LANDLOCK_H

#include <stddef.h>

/* What stays allowed beneath a directory. */
enum landlock_access {
	LANDLOCK_READ = 1, /* read files, list directories */
	LANDLOCK_REMOVE = 2, /* remove files */
	LANDLOCK_WRITE = 4, /* make, write and remove files and directories */
};

struct landlock_rule {
	int dir; /* descriptor of the directory; the rule is left out where it is negative */
	unsigned access; /* of enum landlock_access */
};

/* Version of the interface that the running kernel has, 0 = no Landlock or switched off at boot. */
int landlock_version(void);

/*
 * Refuses all that is not in rules: making, changing, removing and executing files, and reading them
 * where with_reading. Kernels from 6.12 on also refuse signals to processes outside. Needs
 * no_new_privs or CAP_SYS_ADMIN. 0, -ENOSYS where the kernel has no Landlock, or another -errno.
 */
int landlock_restrict(const struct landlock_rule *rules, size_t n, int with_reading);

#endif

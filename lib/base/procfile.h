/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading small kernel files whole. */
#ifndef RAYPSS_PROCFILE_H
#define RAYPSS_PROCFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Longest "PID/map_files/START-END" and the like. */
#define PROC_PATH 96

/* "PID/NAME"; the name is one of the kernel's short ones. Returns where it ends. */
char *procfile_path(char path[PROC_PATH], pid_t pid, const char *name);

/*
 * For files of one record (stat, statm, status, smaps_rollup, memory.stat; not maps or smaps):
 * reads up to size - 1 bytes of path below dirfd and puts a NUL behind them.
 * Returns the length or -errno (-ESRCH or -ENOENT: the process is gone).
 */
ssize_t procfile_read(int dirfd, const char *path, char *buf, size_t size);

/* The same from the beginning of a descriptor that was kept open. */
ssize_t procfile_pread(int fd, char *buf, size_t size);

#endif

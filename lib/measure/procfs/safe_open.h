/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens files that a user's process names, without ever touching a file system that may block (FUSE,
 * networks), following a symbolic link, or opening a FIFO or a device.
 */
#ifndef RAYPSS_SAFE_OPEN_H
#define RAYPSS_SAFE_OPEN_H

#include "measure/procfs/devices.h"

/*
 * Opens for reading the directory or regular file that the absolute path names in the root of the
 * process: a descriptor, -EPERM where a part of the path is nothing of the kind, or -errno. *kind is
 * the kind of its file system.
 */
int safe_open(
	struct devices *devices, int proc_fd, pid_t pid, const char *path, enum device_kind *kind);

/*
 * Opens for reading the file that held, an O_PATH descriptor, leads to. held stays the caller's.
 * Results as those of safe_open.
 */
int safe_reopen(struct devices *devices, int proc_fd, pid_t pid, int held, enum device_kind *kind);

#endif

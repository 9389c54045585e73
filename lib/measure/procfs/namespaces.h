/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which namespaces a process is in: namespaces(7). */
#ifndef RAYPSS_NAMESPACES_H
#define RAYPSS_NAMESPACES_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The number of the process's namespace of that kind ("mnt", "ipc"), pid 0 = our own. 0 where it
 * cannot be read. The numbers are inode numbers of 32 bits.
 */
uint64_t namespace_of(int proc_fd, pid_t pid, const char *kind);

#endif

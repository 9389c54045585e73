/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SysV shared memory as the kernel lists it. */
#ifndef RAYPSS_SYSV_H
#define RAYPSS_SYSV_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What /proc/sysvipc/shm says of a segment (its id is the inode number): resident and swapped
 * bytes, the last two of 16 columns, proc(5). It needs no right to look into the mapping.
 */
bool sysv_bytes(int proc_fd, uint64_t ino, uint64_t *bytes);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access to memory of this process that may not be there. The kernel copies, so that a wrong
 * address is an error instead of a crash of slurmstepd (process_vm_readv(2)).
 */
#ifndef RAYPSS_SELF_MEMORY_H
#define RAYPSS_SELF_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* All size bytes or an error. 0 or -errno: -EFAULT not mapped so, -EPERM or -ENOSYS filtered. */
typedef int memory_read_fn(uintptr_t from, void *to, size_t size);
typedef int memory_write_fn(uintptr_t to, const void *from, size_t size);

memory_read_fn self_memory_read;
memory_write_fn self_memory_write;

#endif

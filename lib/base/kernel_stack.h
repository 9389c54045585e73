/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RAYPSS_KERNEL_STACK_H
#define RAYPSS_KERNEL_STACK_H

#include <stdint.h>

#include "base/units.h"

/*
 * The kernel's stack of one thread, bytes: THREAD_SIZE in arch/ARCH/include/asm of Linux. On arm64 it
 * is at least a page.
 */
static inline uint64_t kernel_stack_bytes(uint64_t page_size)
{
#if defined(__aarch64__)
	return page_size > 16 * KIB ? page_size : 16 * KIB;
#else
	(void)page_size;
	return sizeof(void *) == 8 ? 16 * KIB : 8 * KIB;
#endif
}

#endif

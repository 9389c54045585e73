/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RAYPSS_PAGE_WALK_COST_H
#define RAYPSS_PAGE_WALK_COST_H

#include "base/units.h"

/*
 * What the kernel needs to walk the page tables of one process for PSS, per GiB that the process
 * maps. Measured: 13 ms with everything in caches, up to 20 ms on a busy machine. The guess lies
 * between them, because a guess that is too low lets a walk take longer than its budget.
 */
#define PAGE_WALK_NS_PER_GIB (16 * NS_PER_MS)

#endif

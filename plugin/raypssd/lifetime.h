/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long raypssd may outlive its step. The kernel enforces that (timer_create(2)): a raypssd that
 * was stopped by a signal ends in time, too.
 */
#ifndef RAYPSS_LIFETIME_H
#define RAYPSS_LIFETIME_H

#include <stdint.h>

/* Before confine(). 0 or -errno. */
int lifetime_prepare(void);

/*
 * The kernel kills this process ns from now. Replaces an earlier limit. Does nothing without
 * lifetime_prepare().
 */
void lifetime_limit(uint64_t ns);

#endif

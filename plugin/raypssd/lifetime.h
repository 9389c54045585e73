/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long raypssd may outlive its step. The kernel keeps to it (timer_create(2)): also a raypssd
 * that was stopped by a signal, and that slurmstepd no longer watches, ends in time.
 */
#ifndef RAYPSS_LIFETIME_H
#define RAYPSS_LIFETIME_H

#include <stdint.h>

/* Before confine(). 0 or -errno. */
int lifetime_prepare(void);

/* From now on this process lives for no longer than ns. Without lifetime_prepare() nothing. */
void lifetime_limit(uint64_t ns);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host section of the records: found once per boot by a process that ends, so that no raypssd
 * carries hwloc's memory.
 */
#ifndef RAYPSS_HOST_CACHE_H
#define RAYPSS_HOST_CACHE_H

#include <jansson.h>

/* Starts finding it where that was not done since the boot. Never waits. */
void host_cache_fill(void);

/* What was found: a new reference, or NULL. */
json_t *host_cache_load(void);

#endif

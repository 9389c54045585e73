/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host section of the records. A short-lived process finds it once per boot, so that no raypssd
 * carries hwloc's memory.
 */
#ifndef RAYPSS_HOST_CACHE_H
#define RAYPSS_HOST_CACHE_H

#include <jansson.h>

/* Starts finding the host section if it was not found since the boot. Never waits. */
void host_cache_fill(void);

/* The host section: a new reference, or NULL. */
json_t *host_cache_load(void);

#endif

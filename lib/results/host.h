/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record says about the node, from hwloc. */
#ifndef RAYPSS_HOST_H
#define RAYPSS_HOST_H

#include <jansson.h>

/*
 * {"memory":BYTES,"pus":N,"numa":[{"node":OS_INDEX,"memory":BYTES,"pus":N},...]}, a new reference.
 * NULL where hwloc cannot tell. Takes some milliseconds and a megabyte while it runs.
 */
json_t *host_json(void);

#endif

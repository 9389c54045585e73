/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures that may be UNKNOWN: in JSON, and compared. */
#ifndef RAYPSS_FIGURE_H
#define RAYPSS_FIGURE_H

#include <jansson.h>
#include <stdint.h>

#include "base/unknown.h"

/* The number of an object's member; UNKNOWN where it is missing, negative or no integer. */
uint64_t figure_get(const json_t *object, const char *name);

/* A new reference; UNKNOWN becomes null. */
json_t *figure_json(uint64_t value);

/* The greater of two figures; one that is not known is less than any. */
uint64_t figure_greater(uint64_t a, uint64_t b);

/* The value, or 0 where it is not known. */
static inline uint64_t figure_or_0(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to look again: the less headroom and the faster the growth, the sooner. */
#ifndef RAYPSS_PACE_H
#define RAYPSS_PACE_H

#include <stdint.h>

struct pace {
	uint64_t interval_ns; /* longest */
	uint64_t min_interval_ns;
	uint64_t current_ns;
	uint64_t last_ns;
	uint64_t last_footprint;
	double growth; /* bytes per second, the fastest seen lately */
};

void pace_init(struct pace *p, uint64_t interval_ns, uint64_t min_interval_ns);

/*
 * The time from this look to the next. The time starts at min_interval and doubles up to interval
 * while little happens. With growth, the next look comes at the latest when the footprint has grown
 * by a twentieth, or has used up half of the headroom below the limit (UNKNOWN: no limit).
 */
uint64_t pace_next(struct pace *p, uint64_t at_ns, uint64_t footprint, uint64_t limit);

#endif

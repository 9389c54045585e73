/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to look again: sooner the less headroom there is and the faster the memory grew. */
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
 * The time from this look to the next. It starts at min_interval and doubles up to interval while
 * little happens. Half the time in which the growth seen would use up the headroom bounds it (limit
 * UNKNOWN: none), so that the looks crowd before the limit; so does growth by a twentieth.
 */
uint64_t pace_next(struct pace *p, uint64_t at_ns, uint64_t footprint, uint64_t limit);

#endif

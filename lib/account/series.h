/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A time series in constant memory: when it is full, its resolution is halved. */
#ifndef RAYPSS_SERIES_H
#define RAYPSS_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "measure/sample.h"

enum { SERIES_POINTS = 256 };

struct series_point {
	uint64_t at_ns; /* after the start of the step */
	/* Bytes, UNKNOWN = not known. */
	uint64_t footprint;
	uint64_t private;
	uint64_t shared;
	uint64_t kernel;
	uint64_t store;
	uint64_t rss;
};

/* A point stands for the greatest footprint of its width of time: peaks survive. */
struct series {
	uint64_t width_ns;
	uint32_t count;
	struct series_point points[SERIES_POINTS];
};

/* Adds the sample as of at_ns after the start of the step. */
void series_add(struct series *s, uint64_t at_ns, const struct sample *sample);

#endif

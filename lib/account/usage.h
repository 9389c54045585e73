/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes over time in little memory: mean, peak, and a histogram with buckets of a quarter octave. */
#ifndef RAYPSS_USAGE_H
#define RAYPSS_USAGE_H

#include <stdint.h>

enum {
	USAGE_BUCKETS = 120, /* from 64 KiB on; see histogram.h */
	USAGE_OCTAVE = 4,
};

struct usage {
	uint64_t weight; /* ms */
	double sum; /* of size x ms */
	uint64_t peak; /* bytes */
	uint32_t buckets[USAGE_BUCKETS]; /* ms */
};

/* The size lasted for ms milliseconds; with 0 only the peak may change. */
void usage_add(struct usage *u, uint64_t size, uint64_t ms);

/* Adds what another one saw at other times, or of other processes. */
void usage_merge(struct usage *u, const struct usage *other);

/* Mean over the time; the peak where no time passed. */
uint64_t usage_mean(const struct usage *u);

/* The size below which the given part (0 to 1) of the time was spent, within 9 %. */
uint64_t usage_quantile(const struct usage *u, double part);

#endif

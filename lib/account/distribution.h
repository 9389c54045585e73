/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A distribution of sizes over time in constant memory: logarithmic buckets, 1.1 % wide. */
#ifndef RAYPSS_DISTRIBUTION_H
#define RAYPSS_DISTRIBUTION_H

#include <stdint.h>

/* 64 buckets an octave from 64 KiB to 64 TiB; values outside count in the first or last bucket. */
enum { DISTRIBUTION_OCTAVE = 64, DISTRIBUTION_BUCKETS = 30 * DISTRIBUTION_OCTAVE };

struct distribution {
	uint64_t weight; /* sum of the weights, ns */
	double sum; /* of value x weight */
	uint32_t buckets[DISTRIBUTION_BUCKETS]; /* ms */
};

/* The value lasted for weight_ns. */
void distribution_add(struct distribution *d, uint64_t value, uint64_t weight_ns);

/* Time-weighted mean, 0 if nothing was added. */
uint64_t distribution_mean(const struct distribution *d);

/* The value below which the given part (0 to 1) of the time was spent; 0 if nothing was added. */
uint64_t distribution_quantile(const struct distribution *d, double part);

#endif

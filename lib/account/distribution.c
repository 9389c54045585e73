/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/distribution.h"

#include <math.h>

#include "base/units.h"

enum { LOWEST_BIT = 16 }; /* 64 KiB */

static unsigned bucket_of(uint64_t value)
{
	double octaves;

	if (value <= 1ULL << LOWEST_BIT)
		return 0;
	octaves = log2((double)value) - LOWEST_BIT;
	if (octaves * DISTRIBUTION_OCTAVE >= DISTRIBUTION_BUCKETS - 1)
		return DISTRIBUTION_BUCKETS - 1;
	return (unsigned)(octaves * DISTRIBUTION_OCTAVE);
}

void distribution_add(struct distribution *d, uint64_t value, uint64_t weight_ns)
{
	uint64_t ms = (weight_ns + NS_PER_MS / 2) / NS_PER_MS;
	uint32_t *bucket = &d->buckets[bucket_of(value)];

	if (!weight_ns)
		return;
	d->weight += weight_ns;
	d->sum += (double)value * (double)weight_ns;
	/* 49 days in one bucket fill it; it then stays full rather than wrap. */
	if (__builtin_add_overflow(*bucket, ms ? ms : 1, bucket))
		*bucket = UINT32_MAX;
}

uint64_t distribution_mean(const struct distribution *d)
{
	return d->weight ? (uint64_t)(d->sum / (double)d->weight) : 0;
}

uint64_t distribution_quantile(const struct distribution *d, double part)
{
	double total = 0, below = 0;

	for (unsigned i = 0; i < DISTRIBUTION_BUCKETS; i++)
		total += d->buckets[i];
	for (unsigned i = 0; i < DISTRIBUTION_BUCKETS && total > 0; i++) {
		below += d->buckets[i];
		/* The middle of the bucket is within 0.55 % of any value in it. */
		if (below >= part * total)
			return (uint64_t)exp2(LOWEST_BIT + (i + 0.5) / DISTRIBUTION_OCTAVE);
	}
	return 0;
}

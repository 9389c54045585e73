/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/histogram.h"

#include <math.h>

enum { LOWEST_BIT = 16 }; /* 64 KiB */

static unsigned bucket_of(uint64_t size, unsigned n, unsigned per_octave)
{
	double bucket;

	if (size <= 1ULL << LOWEST_BIT)
		return 0;
	bucket = (log2((double)size) - LOWEST_BIT) * per_octave;
	return bucket < n - 1 ? (unsigned)bucket : n - 1;
}

void histogram_add(uint32_t *buckets, unsigned n, unsigned per_octave, uint64_t size, uint64_t ms)
{
	uint32_t *bucket = &buckets[bucket_of(size, n, per_octave)];

	if (__builtin_add_overflow(*bucket, ms, bucket))
		*bucket = UINT32_MAX;
}

uint64_t histogram_lowest(unsigned bucket, unsigned per_octave)
{
	return bucket ? (uint64_t)exp2(LOWEST_BIT + (double)bucket / per_octave) : 0;
}

uint64_t histogram_quantile(const uint32_t *buckets, unsigned n, unsigned per_octave, double part)
{
	double total = 0, below = 0;

	for (unsigned i = 0; i < n; i++)
		total += buckets[i];
	for (unsigned i = 0; i < n && total > 0; i++) {
		below += buckets[i];
		if (below >= part * total)
			return (uint64_t)exp2(LOWEST_BIT + (i + 0.5) / per_octave);
	}
	return 0;
}

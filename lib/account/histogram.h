/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a size lasted, in logarithmic buckets: each octave (doubling) from 64 KiB on has the same
 * number of buckets. Sizes beyond the range count in the first and last bucket. The buckets belong
 * to the caller and begin as 0.
 */
#ifndef RAYPSS_HISTOGRAM_H
#define RAYPSS_HISTOGRAM_H

#include <stdint.h>

/* The size lasted for ms milliseconds. A bucket that is full (49 days) stays full. */
void histogram_add(uint32_t *buckets, unsigned n, unsigned per_octave, uint64_t size, uint64_t ms);

/* The smallest size of a bucket, 0 of the first one. */
uint64_t histogram_lowest(unsigned bucket, unsigned per_octave);

/*
 * The size below which the given part (0 to 1) of the time was spent: the middle of a bucket.
 * 0 if nothing was added.
 */
uint64_t histogram_quantile(const uint32_t *buckets, unsigned n, unsigned per_octave, double part);

#endif

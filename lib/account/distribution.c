/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/distribution.h"

#include "account/histogram.h"
#include "base/units.h"

void distribution_add(struct distribution *d, uint64_t value, uint64_t weight_ns)
{
	uint64_t ms = (weight_ns + NS_PER_MS / 2) / NS_PER_MS;

	if (!weight_ns)
		return;
	d->weight += weight_ns;
	d->sum += (double)value * (double)weight_ns;
	histogram_add(d->buckets, DISTRIBUTION_BUCKETS, DISTRIBUTION_OCTAVE, value, ms ? ms : 1);
}

uint64_t distribution_mean(const struct distribution *d)
{
	return d->weight ? (uint64_t)(d->sum / (double)d->weight) : 0;
}

uint64_t distribution_quantile(const struct distribution *d, double part)
{
	/* The middle of a bucket is within 0.55 % of any value in it. */
	return histogram_quantile(d->buckets, DISTRIBUTION_BUCKETS, DISTRIBUTION_OCTAVE, part);
}

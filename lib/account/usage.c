/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/usage.h"

#include "account/histogram.h"

void usage_add(struct usage *u, uint64_t size, uint64_t ms)
{
	if (size > u->peak)
		u->peak = size;
	if (!ms)
		return;
	u->weight += ms;
	u->sum += (double)size * (double)ms;
	histogram_add(u->buckets, USAGE_BUCKETS, USAGE_OCTAVE, size, ms);
}

void usage_merge(struct usage *u, const struct usage *other)
{
	if (other->peak > u->peak)
		u->peak = other->peak;
	u->weight += other->weight;
	u->sum += other->sum;
	for (unsigned i = 0; i < USAGE_BUCKETS; i++)
		if (__builtin_add_overflow(u->buckets[i], other->buckets[i], &u->buckets[i]))
			u->buckets[i] = UINT32_MAX;
}

uint64_t usage_mean(const struct usage *u)
{
	return u->weight ? (uint64_t)(u->sum / (double)u->weight) : u->peak;
}

uint64_t usage_quantile(const struct usage *u, double part)
{
	uint64_t value = histogram_quantile(u->buckets, USAGE_BUCKETS, USAGE_OCTAVE, part);

	/* The middle of a bucket may lie above all that is in the bucket. */
	return u->weight && value < u->peak ? value : u->peak;
}

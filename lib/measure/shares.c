/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/shares.h"

static double own_of(const struct look_process *p)
{
	return (double)(p->private + p->kernel + p->swap);
}

void shares_estimate(struct look_process *rows, unsigned n, const struct sample *sample)
{
	double own_sum = 0, mapped_sum = 0, own_scale = 0, mapped_scale = 0, even = 0;
	double shared = sample->shared == UNKNOWN ? 0 : (double)sample->shared;
	struct sample own = *sample;

	own.shared = 0;
	for (unsigned i = 0; i < n; i++) {
		own_sum += own_of(&rows[i]);
		mapped_sum += (double)rows[i].shmem;
	}
	if (own_sum > 0)
		own_scale = (double)sample_footprint(&own) / own_sum;
	if (mapped_sum > 0)
		mapped_scale = shared / mapped_sum;
	else if (n)
		even = shared / n;
	for (unsigned i = 0; i < n; i++)
		rows[i].share = (uint64_t)(own_of(&rows[i]) * own_scale +
			(double)rows[i].shmem * mapped_scale + even);
}

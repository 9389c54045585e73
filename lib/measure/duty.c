/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/duty.h"

#include "base/units.h"

/*
 * Kept at most: the earnings of this time. By default it is 1.2 s of CPU time, so that the start of a
 * step of 5,000 processes is measured without a pause: first look and first scans take that.
 */
#define SAVED_NS (60 * NS_PER_S)

static double savings_most(const struct duty *d)
{
	return d->part * (double)SAVED_NS;
}

void duty_init(struct duty *d, double part, uint64_t now_ns)
{
	*d = (struct duty){ .part = part, .at_ns = now_ns };
	d->savings_ns = savings_most(d);
}

void duty_spend(struct duty *d, uint64_t now_ns, uint64_t cost_ns)
{
	d->savings_ns += d->part * (double)(now_ns - d->at_ns);
	d->at_ns = now_ns;
	if (d->savings_ns > savings_most(d))
		d->savings_ns = savings_most(d);
	d->savings_ns -= (double)cost_ns;
}

uint64_t duty_earliest_ns(const struct duty *d)
{
	if (d->part <= 0 || d->savings_ns >= 0)
		return d->at_ns;
	return d->at_ns + (uint64_t)(-d->savings_ns / d->part);
}

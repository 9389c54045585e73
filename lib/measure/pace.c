/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/pace.h"

#include "base/units.h"
#include "measure/sample.h"

/* Part of the growth seen before that is expected again. */
#define GROWTH_MEMORY 0.5

void pace_init(struct pace *p, uint64_t interval_ns, uint64_t min_interval_ns)
{
	if (min_interval_ns > interval_ns)
		min_interval_ns = interval_ns;
	*p = (struct pace){ .interval_ns = interval_ns, .min_interval_ns = min_interval_ns };
}

static void growth_update(struct pace *p, uint64_t at_ns, uint64_t footprint)
{
	double seconds = (double)(at_ns - p->last_ns) / (double)NS_PER_S;
	double now = 0;

	if (footprint > p->last_footprint && seconds > 0)
		now = (double)(footprint - p->last_footprint) / seconds;
	p->growth *= GROWTH_MEMORY;
	if (now > p->growth)
		p->growth = now;
}

uint64_t pace_next(struct pace *p, uint64_t at_ns, uint64_t footprint, uint64_t limit)
{
	double bound, headroom;

	if (!p->current_ns) {
		p->current_ns = p->min_interval_ns;
	} else {
		growth_update(p, at_ns, footprint);
		p->current_ns *= 2;
	}
	p->last_ns = at_ns;
	p->last_footprint = footprint;
	if (p->current_ns > p->interval_ns)
		p->current_ns = p->interval_ns;
	if (p->growth > 0) {
		bound = (double)footprint / 20 / p->growth;
		if (limit != UNKNOWN) {
			headroom = limit > footprint ? (double)(limit - footprint) : 0;
			if (headroom / 2 / p->growth < bound)
				bound = headroom / 2 / p->growth;
		}
		if (bound * (double)NS_PER_S < (double)p->current_ns)
			p->current_ns = (uint64_t)(bound * (double)NS_PER_S);
	}
	if (p->current_ns < p->min_interval_ns)
		p->current_ns = p->min_interval_ns;
	return p->current_ns;
}

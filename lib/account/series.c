/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/series.h"

#include <stdbool.h>

#include "base/units.h"

#define WIDTH_START_NS (50 * NS_PER_MS)

/* False: no room for a further point. */
static bool put(struct series *s, struct series_point point)
{
	struct series_point *last = s->count ? &s->points[s->count - 1] : NULL;

	if (last && point.at_ns / s->width_ns == last->at_ns / s->width_ns) {
		if (point.footprint > last->footprint)
			*last = point;
		return true;
	}
	if (s->count == SERIES_POINTS)
		return false;
	s->points[s->count++] = point;
	return true;
}

/* Merges only points that fall into one new width, so old points stay as fine as new ones. */
static void widen(struct series *s)
{
	uint32_t n = s->count;

	s->count = 0;
	s->width_ns *= 2;
	for (uint32_t i = 0; i < n; i++)
		put(s, s->points[i]);
}

void series_add(struct series *s, uint64_t at_ns, const struct sample *sample)
{
	const struct series_point point = { .at_ns = at_ns,
		.footprint = sample_footprint(sample),
		.private = sample->private,
		.shared = sample->shared,
		.kernel = sample->kernel,
		.store = sample->store,
		.rss = sample->rss };

	if (!s->width_ns)
		s->width_ns = WIDTH_START_NS;
	while (!put(s, point))
		widen(s);
}

#include "series.h"

#include "units.h"

#define WIDTH_START_NS (50 * NS_PER_MS)

static void halve(struct series *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->count; i += 2, n++) {
		const struct series_point *a = &s->points[i];
		const struct series_point *b = i + 1 < s->count ? a + 1 : a;

		s->points[n] = a->footprint >= b->footprint ? *a : *b;
	}
	s->count = n;
	s->width_ns *= 2;
}

void series_add(struct series *s, uint64_t at_ns, uint64_t footprint, uint64_t rss)
{
	struct series_point *last = s->count ? &s->points[s->count - 1] : NULL;
	struct series_point point = { at_ns, footprint, rss };

	if (!s->width_ns)
		s->width_ns = WIDTH_START_NS;
	if (last && at_ns / s->width_ns == last->at_ns / s->width_ns) {
		if (footprint > last->footprint)
			*last = point;
		return;
	}
	if (s->count == SERIES_POINTS)
		halve(s);
	s->points[s->count++] = point;
}

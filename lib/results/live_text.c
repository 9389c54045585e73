/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/live_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "results/fields.h"

/* The time over which growth is averaged. */
#define GROWTH_SECONDS 1.0

/* From these parts of the limit on, or if the limit is so many seconds away. */
static const struct {
	double part;
	double seconds;
} levels[] = {
	[LIVE_RISING] = { 0.80, 10 },
	[LIVE_HIGH] = { 0.90, 3 },
	[LIVE_CRITICAL] = { LIMIT_NEAR_PART, 1 },
};

enum live_level live_level_of(uint64_t used, uint64_t limit, double growth)
{
	double left = used < limit ? (double)(limit - used) : 0;

	for (int level = LIVE_CRITICAL; level > LIVE_CALM; level--)
		if ((double)used >= levels[level].part * (double)limit ||
			growth * levels[level].seconds > left)
			return (enum live_level)level;
	return LIVE_CALM;
}

static void growth_update(struct live_text *t, uint64_t at_ns, uint64_t used)
{
	double seconds = (double)(at_ns - t->last_ns) / (double)NS_PER_S;

	if (t->last_ns && at_ns > t->last_ns) {
		double now = ((double)used - (double)t->last_used) / seconds;

		t->growth += (now - t->growth) * seconds / (seconds + GROWTH_SECONDS);
	}
	t->last_ns = at_ns;
	t->last_used = used;
}

static size_t line(char *buf, size_t n, const char *key, uint64_t value)
{
	char number[24] = "-";

	if (value != UNKNOWN)
		snprintf(number, sizeof(number), "%" PRIu64, value);
	return n + (size_t)snprintf(buf + n, LIVE_TEXT_SIZE - n, "%s %20s\n", key, number);
}

static size_t limit_lines(
	const struct live_text *t, uint64_t limit, char buf[LIVE_TEXT_SIZE], size_t n)
{
	bool known = limit != UNKNOWN;
	uint64_t headroom = UNKNOWN, level = UNKNOWN;

	if (known) {
		headroom = limit > t->last_used ? limit - t->last_used : 0;
		level = live_level_of(t->last_used, limit, t->growth);
	}
	n = line(buf, n, "growth", t->growth > 0 ? (uint64_t)t->growth : 0);
	n = line(buf, n, "headroom", headroom);
	return line(buf, n, "level", level);
}

size_t live_text_make(struct live_text *t, const struct account *a, char buf[LIVE_TEXT_SIZE])
{
	const struct sample *now = &a->last;
	const struct record r = { .account = a, .sample = now };
	uint64_t used = sample_footprint(now);
	size_t n;

	if (t->with_file && now->file != UNKNOWN)
		used += now->file;
	/* Before the first sample there is nothing that could have grown. */
	if (now->processes)
		growth_update(t, now->at_ns, used);
	t->sequence++;
	n = line(buf, 0, "sequence", t->sequence);
	n = line(buf, n, "elapsed_ms", (now->at_ns - a->started_ns) / NS_PER_MS);
	for (const struct field *f = fields; f->name; f++)
		if (f->live)
			n = line(buf, n, f->live, field_figure(f, &r));
	n = line(buf, n, "peak", sample_footprint(&a->peak));
	n = limit_lines(t, a->limit, buf, n);
	return line(buf, n, "sequence", t->sequence);
}

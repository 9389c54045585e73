/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record_ray.h"

#include <inttypes.h>

#include "base/text.h"
#include "base/units.h"

static json_t *number(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer((json_int_t)value);
}

static json_t *place(uint32_t where)
{
	static const char *const words[] = {
		[RAY_ON_TMPFS] = "tmpfs",
		[RAY_ON_DISK] = "disk",
		[RAY_ON_HUGETLBFS] = "hugetlbfs",
	};

	return where == RAY_ON_UNKNOWN ? json_null() : json_string(words[where]);
}

static json_t *scaled(uint64_t value, double unit)
{
	return value == UNKNOWN ? json_null() : json_real((double)value / unit);
}

json_t *record_ray(const struct record *r)
{
	const struct account_ray *ray = &r->account->ray;

	if (!ray->looks)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:s}",
		"capacity", number(ray->capacity), "memory", number(ray->memory), "cpus",
		scaled(ray->cpus_hundredths, 100), "store_on", place(ray->store_on), "store",
		"peak", number(ray->store_peak), "end", number(ray->store_end), "unmapped",
		number(ray->unmapped), "last_growth",
		scaled(ray->last_growth_ns == UNKNOWN ? UNKNOWN : ray->last_growth_ns / NS_PER_MS,
			1e3),
		"fallback", number(ray->fallback), "spilled", number(ray->spilled), "spill_on",
		place(ray->spill_on), "pinned", number(ray->pinned), "objects",
		number(ray->objects), "monitor_kills", number(ray->monitor_kills), "verdict",
		ray_verdict_name(account_ray_verdict(ray)));
}

static const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	return bytes == UNKNOWN ? "unknown" : size_format(bytes, buf);
}

static void verdict_words(const struct account_ray *r, char *buf, size_t size, size_t *n)
{
	char one[SIZE_TEXT], other[SIZE_TEXT];

	switch (account_ray_verdict(r)) {
	case RAY_REFERENCES_HELD:
		text_add(buf, size, n,
			"; ray references-held: the store only grew, to %s, and %s was spilled; "
			"delete references that are not needed",
			size_text(r->store_peak, one), size_text(r->spilled, other));
		break;
	case RAY_ARGUMENTS_HELD:
		text_add(buf, size, n,
			"; ray arguments-held: the store only grew, to %s, but nobody needs it; "
			"workers keep arguments of ended tasks",
			size_text(r->store_peak, one));
		break;
	case RAY_FALLBACK:
		text_add(buf, size, n,
			"; ray fallback: %s did not fit into the store of %s; "
			"start Ray with a larger one",
			size_text(r->fallback, one), size_text(r->capacity, other));
		break;
	case RAY_STORE_ON_DISK:
		text_add(buf, size, n,
			"; ray store-on-disk: the store of %s does not fit into /dev/shm, and is "
			"slow",
			size_text(r->capacity, one));
		break;
	case RAY_SPILL_IN_MEMORY:
		text_add(buf, size, n,
			"; ray spill-in-memory: %s was spilled to a tmpfs, which is memory, too",
			size_text(r->spilled, one));
		break;
	case RAY_NONE:
		break;
	}
}

/* Ray gives its tasks more than there is: it does not see the limit. */
static bool believes_too_much(const struct account *a)
{
	return a->ray.looks && a->ray.memory != UNKNOWN && a->ray.memory > a->limit;
}

static bool monitor_killed(const struct account *a)
{
	return a->ray.looks && a->ray.monitor_kills != UNKNOWN && a->ray.monitor_kills;
}

bool record_ray_is_flagged(const struct account *a)
{
	return account_ray_verdict(&a->ray) != RAY_NONE || a->ray.raylets > 1 ||
		believes_too_much(a) || monitor_killed(a);
}

void record_ray_words(const struct account *a, char *buf, size_t size, size_t *n)
{
	char memory[SIZE_TEXT], limit[SIZE_TEXT];

	if (a->ray.raylets > 1)
		text_add(buf, size, n, "; %u raylets in the step, whose own figures are left out",
			a->ray.raylets);
	verdict_words(&a->ray, buf, size, n);
	if (monitor_killed(a))
		text_add(buf, size, n,
			"; Ray's own memory monitor killed %" PRIu64 " of its workers",
			a->ray.monitor_kills);
	if (believes_too_much(a))
		text_add(buf, size, n, "; Ray believes that it has %s, the step has %s",
			size_format(a->ray.memory, memory), size_format(a->limit, limit));
}

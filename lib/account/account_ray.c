/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account_ray.h"

#include "base/units.h"

/* Less than these parts of the store's capacity is no sign of anything. */
#define SOME_PART 0.01
#define HELD_PART 0.2 /* of the store is pinned where references are held */
#define FULL_PART 0.85

/* Growth in fewer steps is a program that loads its data. */
enum { STEPS_MIN = 4, STEP_SHIFT = 6 };

/* A program that ends gives everything back, too, but does not stay that long. */
#define GAVE_BACK_NS (3 * NS_PER_S)

void account_ray_init(struct account_ray *r)
{
	*r = (struct account_ray){ .capacity = UNKNOWN,
		.memory = UNKNOWN,
		.cpus_hundredths = UNKNOWN,
		.store_end = UNKNOWN,
		.unmapped = UNKNOWN,
		.objects = UNKNOWN,
		.store_peak = UNKNOWN,
		.fallback = UNKNOWN,
		.spilled = UNKNOWN,
		.pinned = UNKNOWN,
		.monitor_kills = UNKNOWN,
		.last_growth_ns = UNKNOWN };
}

static uint64_t or_0(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

/* True: it was less by at least a step. Small growth adds up to one. */
static bool greatest(uint64_t *most, uint64_t now, uint64_t step)
{
	uint64_t before = or_0(*most);

	if (now == UNKNOWN)
		return false;
	if (*most == UNKNOWN || now > before)
		*most = now;
	return now > before && now - before >= step;
}

static void last(uint64_t *kept, uint64_t now)
{
	if (now != UNKNOWN)
		*kept = now;
}

static void demand_add(struct account_ray *r, uint64_t step, uint64_t at_ns)
{
	uint64_t now = or_0(r->store_end) + or_0(r->fallback) + or_0(r->spilled);

	if (now < r->demand + step)
		return;
	r->demand = now;
	if (!r->steps++)
		r->demand_first_ns = at_ns;
	r->demand_last_ns = at_ns;
}

/* A shuffle spills in each round, and its references end with the round. */
static void outside_add(struct account_ray *r, uint64_t now, uint64_t step, uint64_t at_ns)
{
	bool is_low;

	if (now > r->outside)
		r->outside = now;
	if (r->outside < step)
		return;
	is_low = now < r->outside / 2;
	if (is_low && !r->is_low)
		r->low_ns = at_ns;
	if (r->is_low && (!is_low || at_ns - r->low_ns >= GAVE_BACK_NS))
		r->gave_back = 1;
	r->is_low = is_low;
}

/* What is known of one of several raylets does not describe the step. */
static void forget_one(struct account_ray *r)
{
	r->capacity = r->memory = r->cpus_hundredths = UNKNOWN;
	r->spilled = r->pinned = r->objects = r->monitor_kills = UNKNOWN;
}

void account_ray_add(struct account_ray *r, const struct look *look, uint64_t at_ns)
{
	const struct look_ray *now = &look->ray;
	uint64_t step = MIB;

	/* The last ones are known when the raylet is gone. */
	if (r->raylets < 2)
		greatest(&r->monitor_kills, now->monitor_kills, 0);
	if (!now->present)
		return;
	if (r->looks < UINT32_MAX)
		r->looks++;
	r->last_ns = at_ns;
	if (now->raylets > r->raylets)
		r->raylets = now->raylets;
	last(&r->capacity, now->capacity);
	last(&r->memory, now->memory);
	last(&r->cpus_hundredths, now->cpus_hundredths);
	last(&r->objects, now->objects);
	last(&r->store_end, look->sample.store);
	if (now->store_on)
		r->store_on = now->store_on;
	if (now->spill_on)
		r->spill_on = now->spill_on;
	r->unmapped =
		or_0(r->store_end) < look->rest.unmapped ? or_0(r->store_end) : look->rest.unmapped;
	if (r->capacity != UNKNOWN && r->capacity >> STEP_SHIFT > step)
		step = r->capacity >> STEP_SHIFT;
	if (greatest(&r->store_peak, look->sample.store, MIB))
		r->last_growth_ns = at_ns;
	/* The first look with the store's size found files before it: a store on disk looks like fallback. */
	if (r->sized) {
		greatest(&r->fallback, look->sample.fallback, 0);
		outside_add(r, or_0(look->sample.fallback) + or_0(now->spilled), step, at_ns);
	}
	greatest(&r->spilled, now->spilled, 0);
	greatest(&r->pinned, now->pinned, 0);
	demand_add(r, step, at_ns);
	r->sized |= now->capacity != UNKNOWN;
	if (r->raylets > 1)
		forget_one(r);
}

bool account_ray_is_sane(const struct account_ray *r)
{
	return r->store_on <= RAY_ON_HUGETLBFS && r->spill_on <= RAY_ON_HUGETLBFS;
}

/* A part of the capacity; of an unknown one of all that Ray wanted. */
static bool is_at_least(const struct account_ray *r, uint64_t bytes, double part)
{
	uint64_t whole = r->capacity == UNKNOWN ? r->demand : r->capacity;

	return bytes != UNKNOWN && bytes >= MIB && (double)bytes >= part * (double)whole;
}

/* A spilled object may still lie in the store, too: up to its capacity, what is spilled tells nothing. */
static bool has_overflown(const struct account_ray *r)
{
	return is_at_least(r, r->spilled, 1) || is_at_least(r, r->fallback, SOME_PART);
}

/*
 * The store only grew: step by step, until it was full, and then out of it or for half of its life.
 * A program that loads its data once does not, and neither does one whose rounds give back.
 */
static bool only_grew(const struct account_ray *r)
{
	uint64_t grown = r->demand_last_ns - r->demand_first_ns;

	if (r->gave_back || r->steps < STEPS_MIN || !is_at_least(r, r->demand, FULL_PART))
		return false;
	return has_overflown(r) || grown >= (r->last_ns - r->demand_first_ns) / 2;
}

/*
 * Ray spills objects that a reference needs, and pins them until then. What workers keep mapped as
 * arguments of ended tasks is neither needed nor can it be spilled: the store overflows to disk.
 */
static bool is_needed(const struct account_ray *r)
{
	return is_at_least(r, r->spilled, SOME_PART) || is_at_least(r, r->pinned, HELD_PART);
}

enum ray_verdict account_ray_verdict(const struct account_ray *r)
{
	if (!r->looks)
		return RAY_NONE;
	/* Who needs it is a figure of each store. */
	if (r->raylets < 2 && only_grew(r))
		return is_needed(r) ? RAY_REFERENCES_HELD : RAY_ARGUMENTS_HELD;
	if (is_at_least(r, r->fallback, SOME_PART))
		return RAY_FALLBACK;
	if (r->store_on == RAY_ON_DISK)
		return RAY_STORE_ON_DISK;
	if (r->spill_on == RAY_ON_TMPFS && is_at_least(r, r->spilled, SOME_PART))
		return RAY_SPILL_IN_MEMORY;
	return RAY_NONE;
}

const char *ray_verdict_name(enum ray_verdict v)
{
	static const char *const names[] = {
		[RAY_NONE] = "none",
		[RAY_SPILL_IN_MEMORY] = "spill-in-memory",
		[RAY_STORE_ON_DISK] = "store-on-disk",
		[RAY_FALLBACK] = "fallback",
		[RAY_ARGUMENTS_HELD] = "arguments-held",
		[RAY_REFERENCES_HELD] = "references-held",
	};

	return names[v];
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of Ray's store, and the verdicts: lives of stores, look by look. */
#include <string.h>

#include "account/account_ray.h"
#include "base/units.h"
#include "tests/unit/unit.h"

enum { CAPACITY = 1400, LOOKS = 20 };

/* MiB at each look: from a value on, so much more at each look, never above the most; again after a period. */
struct course {
	unsigned from, step, most, period;
};

static uint64_t at(struct course c, unsigned look)
{
	unsigned value = c.from + c.step * (c.period ? look % c.period : look);

	return (value > c.most ? c.most : value) * MIB;
}

static const struct {
	const char *what;
	struct course store, spilled, fallback, pinned;
	enum ray_place store_on, spill_on;
	const char *verdict;
} lives[] = {
	{ "healthy: rounds that give back", { 100, 100, 200, 0 }, { 0 }, { 0 }, { 0 }, RAY_ON_TMPFS,
		RAY_ON_DISK, "none" },
	{ "data that is loaded once", { 1300, 0, 1300, 0 }, { 0 }, { 0 }, { 1300, 0, 1300, 0 },
		RAY_ON_TMPFS, RAY_ON_DISK, "none" },
	{ "data that is loaded over some looks", { 0, 433, 1300, 0 }, { 0 }, { 0 },
		{ 0, 433, 1300, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "none" },
	{ "the driver holds references", { 0, 100, 1300, 0 }, { 0, 100, 1600, 0 }, { 0 },
		{ 400, 0, 400, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "references-held" },
	{ "the same, nothing is spilled yet", { 0, 65, 1300, 0 }, { 0 }, { 0 }, { 0, 65, 1300, 0 },
		RAY_ON_TMPFS, RAY_ON_DISK, "references-held" },
	{ "the same, spilled to a tmpfs", { 0, 100, 1300, 0 }, { 0, 100, 1600, 0 }, { 0 },
		{ 400, 0, 400, 0 }, RAY_ON_TMPFS, RAY_ON_TMPFS, "references-held" },
	{ "workers keep their arguments", { 0, 100, 1300, 0 }, { 0 }, { 0, 40, 700, 0 }, { 0 },
		RAY_ON_TMPFS, RAY_ON_DISK, "arguments-held" },
	{ "the same, with one in work", { 0, 100, 1300, 0 }, { 0 }, { 0, 40, 700, 0 },
		{ 100, 0, 100, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "arguments-held" },
	{ "less than it would take", { 0, 20, 400, 0 }, { 0 }, { 0 }, { 0 }, RAY_ON_TMPFS,
		RAY_ON_DISK, "none" },
	{ "one object that does not fit", { 700, 0, 700, 0 }, { 0 }, { 900, 0, 900, 0 }, { 0 },
		RAY_ON_TMPFS, RAY_ON_DISK, "fallback" },
	{ "a store on disk", { 200, 0, 200, 0 }, { 0 }, { 0 }, { 0 }, RAY_ON_DISK, RAY_ON_DISK,
		"store-on-disk" },
	{ "a store on disk that overflows", { 700, 0, 700, 0 }, { 0 }, { 900, 0, 900, 0 }, { 0 },
		RAY_ON_DISK, RAY_ON_DISK, "fallback" },
	{ "spilled once, to a tmpfs", { 1200, 0, 1200, 0 }, { 500, 0, 500, 0 }, { 0 }, { 0 },
		RAY_ON_TMPFS, RAY_ON_TMPFS, "spill-in-memory" },
	{ "a shuffle that spills in each round", { 0, 300, 1300, 0 }, { 0, 300, 2000, 10 }, { 0 },
		{ 100, 0, 100, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "none" },
	{ "a shuffle that is followed by other work", { 0, 700, 1300, 0 }, { 0, 400, 2000, 16 },
		{ 0 }, { 100, 0, 100, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "none" },
	{ "the references end with the program", { 0, 100, 1300, 0 }, { 0, 100, 1800, 19 }, { 0 },
		{ 400, 0, 400, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "references-held" },
	{ "a cache that fits into the store, spilled as a copy", { 0, 200, 1300, 0 },
		{ 0, 200, 1200, 0 }, { 0 }, { 100, 0, 100, 0 }, RAY_ON_TMPFS, RAY_ON_DISK, "none" },
	{ "spilled once, to disk", { 1200, 0, 1200, 0 }, { 500, 0, 500, 0 }, { 0 }, { 0 },
		RAY_ON_TMPFS, RAY_ON_DISK, "none" },
};

static void look_add(struct account_ray *r, size_t life, unsigned look)
{
	struct look l = { .ray = { .present = true,
				  .capacity = CAPACITY * MIB,
				  .memory = GIB,
				  .cpus_hundredths = 50,
				  .store_on = lives[life].store_on,
				  .spill_on = lives[life].spill_on,
				  .spilled = at(lives[life].spilled, look),
				  .pinned = at(lives[life].pinned, look),
				  .objects = look } };

	l.sample.store = at(lives[life].store, look);
	l.sample.fallback = at(lives[life].fallback, look);
	account_ray_add(r, &l, look * NS_PER_S);
}

START_TEST(the_life_of_a_store_has_a_verdict)
{
	for (size_t i = 0; i < COUNT(lives); i++) {
		struct account_ray r;
		const char *name;

		account_ray_init(&r);
		for (unsigned look = 0; look < LOOKS; look++)
			look_add(&r, i, look);
		name = ray_verdict_name(account_ray_verdict(&r));
		ck_assert_msg(!strcmp(name, lives[i].verdict), "%s: %s", lives[i].what, name);
		ck_assert(account_ray_is_sane(&r));
	}
}
END_TEST

START_TEST(the_greatest_and_the_last_are_kept)
{
	struct look l = { .ray = { .present = true, .capacity = GIB, .pinned = 5, .objects = 7 } };
	struct account_ray r;

	account_ray_init(&r);
	ck_assert_int_eq(account_ray_verdict(&r), RAY_NONE);
	l.sample.store = 100 * MIB;
	l.sample.fallback = 3 * MIB;
	l.ray.spilled = 9 * MIB;
	account_ray_add(&r, &l, NS_PER_S);
	account_ray_add(&r, &l, NS_PER_S);
	l.sample.store = 80 * MIB;
	l.sample.fallback = 0;
	l.ray.spilled = 0;
	l.ray.pinned = 1;
	l.ray.objects = 2;
	l.rest.unmapped = 500 * MIB;
	account_ray_add(&r, &l, 2 * NS_PER_S);
	/* Without a raylet nothing is left to be seen: the figures stay. */
	l.ray.present = false;
	l.ray.monitor_kills = 3;
	l.sample.store = 0;
	account_ray_add(&r, &l, 3 * NS_PER_S);
	ck_assert_uint_eq(r.looks, 3);
	ck_assert_uint_eq(r.store_peak, 100 * MIB);
	ck_assert_uint_eq(r.store_end, 80 * MIB);
	ck_assert_uint_eq(r.unmapped, 80 * MIB);
	ck_assert_uint_eq(r.last_growth_ns, NS_PER_S);
	ck_assert_uint_eq(r.fallback, 3 * MIB);
	ck_assert_uint_eq(r.spilled, 9 * MIB);
	ck_assert_uint_eq(r.pinned, 5);
	ck_assert_uint_eq(r.objects, 2);
	/* What Ray killed last is known when the raylet is gone. */
	ck_assert_uint_eq(r.monitor_kills, 3);
}
END_TEST

START_TEST(figures_of_one_of_several_raylets_are_left_out)
{
	struct look l = { .ray = { .present = true,
				  .raylets = 2,
				  .capacity = GIB,
				  .memory = GIB,
				  .cpus_hundredths = 100,
				  .spilled = GIB,
				  .pinned = GIB,
				  .objects = 1,
				  .monitor_kills = 1 } };
	struct account_ray r;

	account_ray_init(&r);
	for (unsigned i = 1; i <= 64; i++) {
		l.sample.store = i * 16 * MIB;
		account_ray_add(&r, &l, i * NS_PER_S);
	}
	/* One of them has ended, and then the other. */
	l.ray.raylets = 1;
	account_ray_add(&r, &l, 65 * NS_PER_S);
	l.ray.raylets = l.ray.present = 0;
	account_ray_add(&r, &l, 66 * NS_PER_S);
	ck_assert_uint_eq(r.raylets, 2);
	ck_assert_uint_eq(r.store_peak, GIB);
	ck_assert_uint_eq(r.capacity, UNKNOWN);
	ck_assert_uint_eq(r.memory, UNKNOWN);
	ck_assert_uint_eq(r.cpus_hundredths, UNKNOWN);
	ck_assert_uint_eq(r.spilled, UNKNOWN);
	ck_assert_uint_eq(r.pinned, UNKNOWN);
	ck_assert_uint_eq(r.objects, UNKNOWN);
	ck_assert_uint_eq(r.monitor_kills, UNKNOWN);
	ck_assert_int_eq(account_ray_verdict(&r), RAY_NONE);
}
END_TEST

START_TEST(a_store_on_disk_is_no_fallback_before_its_size_is_known)
{
	struct look l = { .ray = {
				  .present = true, .capacity = UNKNOWN, .store_on = RAY_ON_DISK } };
	struct account_ray r;

	account_ray_init(&r);
	l.sample.fallback = 2 * MIB;
	account_ray_add(&r, &l, NS_PER_S);
	/* The look that tells the size found its files before. */
	l.ray.capacity = GIB;
	account_ray_add(&r, &l, 2 * NS_PER_S);
	ck_assert_uint_eq(r.fallback, UNKNOWN);
	l.sample.fallback = MIB;
	account_ray_add(&r, &l, 3 * NS_PER_S);
	ck_assert_uint_eq(r.fallback, MIB);
}
END_TEST

START_TEST(what_is_unknown_stays_so)
{
	struct look l = { .ray = { .present = true,
				  .capacity = UNKNOWN,
				  .memory = UNKNOWN,
				  .cpus_hundredths = UNKNOWN,
				  .spilled = UNKNOWN,
				  .pinned = UNKNOWN,
				  .objects = UNKNOWN } };
	struct account_ray r;

	account_ray_init(&r);
	l.sample = sample_unknown(0);
	account_ray_add(&r, &l, NS_PER_S);
	ck_assert_uint_eq(r.capacity, UNKNOWN);
	ck_assert_uint_eq(r.store_peak, UNKNOWN);
	ck_assert_uint_eq(r.store_end, UNKNOWN);
	ck_assert_uint_eq(r.fallback, UNKNOWN);
	ck_assert_uint_eq(r.spilled, UNKNOWN);
	ck_assert_uint_eq(r.pinned, UNKNOWN);
	ck_assert_uint_eq(r.objects, UNKNOWN);
	ck_assert_uint_eq(r.last_growth_ns, UNKNOWN);
	ck_assert_int_eq(account_ray_verdict(&r), RAY_NONE);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account_ray");

	tcase_add_test(tc, the_life_of_a_store_has_a_verdict);
	tcase_add_test(tc, the_greatest_and_the_last_are_kept);
	tcase_add_test(tc, figures_of_one_of_several_raylets_are_left_out);
	tcase_add_test(tc, a_store_on_disk_is_no_fallback_before_its_size_is_known);
	tcase_add_test(tc, what_is_unknown_stays_so);
	return unit_run();
}

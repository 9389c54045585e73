/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the line for people says of Ray. */
#include <string.h>

#include "base/units.h"
#include "results/record_ray.h"
#include "tests/unit/unit.h"

static struct account a;

static void begin(void)
{
	account_init(&a, 3 * GIB, NS_PER_S);
	a.ray.looks = 20;
	a.ray.capacity = 1400 * MIB;
	a.ray.store_peak = a.ray.demand = 1300 * MIB;
	a.ray.memory = GIB;
	a.ray.steps = 9;
}

static const struct {
	const char *what;
	uint64_t spilled, fallback, memory;
	uint32_t looks, steps, store_on, spill_on;
	const char *words; /* "" = none at all */
} rows[] = {
	{ "no Ray", 0, 0, 9 * GIB, 0, 0, 0, 0, "" },
	{ "healthy", 0, 0, GIB, 9, 1, RAY_ON_TMPFS, RAY_ON_DISK, "" },
	{ "references", 1600 * MIB, 0, GIB, 9, 9, RAY_ON_TMPFS, RAY_ON_DISK,
		"; ray references-held: the store only grew, to 1.27 GiB, and 1.56 GiB was "
		"spilled" },
	{ "arguments", 0, 700 * MIB, GIB, 9, 9, RAY_ON_TMPFS, RAY_ON_DISK,
		"; ray arguments-held: the store only grew, to 1.27 GiB, but nobody needs it" },
	{ "fallback", 0, 700 * MIB, GIB, 9, 1, RAY_ON_TMPFS, RAY_ON_DISK,
		"; ray fallback: 700 MiB did not fit into the store of 1.37 GiB" },
	{ "disk", 0, 0, GIB, 9, 1, RAY_ON_DISK, RAY_ON_DISK,
		"; ray store-on-disk: the store of 1.37 GiB does not fit into /dev/shm" },
	{ "tmpfs", 700 * MIB, 0, GIB, 9, 1, RAY_ON_TMPFS, RAY_ON_TMPFS,
		"; ray spill-in-memory: 700 MiB was spilled to a tmpfs" },
	{ "more memory than the limit", 0, 0, 9 * GIB, 9, 1, RAY_ON_TMPFS, RAY_ON_DISK,
		"; Ray believes that it has 9.00 GiB, the step has 3.00 GiB" },
	{ "memory that is not known", 0, 0, UNKNOWN, 9, 1, RAY_ON_TMPFS, RAY_ON_DISK, "" },
};

START_TEST(what_is_to_be_changed_is_said_in_words)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		char line[512] = "";
		size_t n = 0;

		a.ray.spilled = rows[i].spilled;
		a.ray.fallback = rows[i].fallback;
		a.ray.memory = rows[i].memory;
		a.ray.looks = rows[i].looks;
		a.ray.steps = rows[i].steps;
		a.ray.store_on = rows[i].store_on;
		a.ray.spill_on = rows[i].spill_on;
		record_ray_words(&a, line, sizeof(line), &n);
		ck_assert_msg(!strncmp(line, rows[i].words, strlen(rows[i].words)) &&
				!*line == !*rows[i].words,
			"%s: \"%s\"", rows[i].what, line);
		SAME(rows[i].what, record_ray_is_flagged(&a), !!*rows[i].words);
	}
}
END_TEST

START_TEST(what_ray_killed_itself_is_told)
{
	char line[512] = "";
	size_t n = 0;

	a.ray.spilled = a.ray.fallback = 0;
	a.ray.steps = 1;
	a.ray.monitor_kills = 0;
	ck_assert(!record_ray_is_flagged(&a));
	a.ray.monitor_kills = 3;
	ck_assert(record_ray_is_flagged(&a));
	record_ray_words(&a, line, sizeof(line), &n);
	ck_assert_str_eq(line, "; Ray's own memory monitor killed 3 of its workers");
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("record_ray");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, what_is_to_be_changed_is_said_in_words);
	tcase_add_test(tc, what_ray_killed_itself_is_told);
	return unit_run();
}

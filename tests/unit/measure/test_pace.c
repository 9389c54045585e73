/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "measure/pace.h"
#include "measure/sample.h"
#include "tests/unit/unit.h"

#define MS NS_PER_MS

static const struct {
	const char *what;
	struct {
		uint64_t at_ms, footprint_mib;
	} looks[8]; /* up to two equal times */
	uint64_t limit_mib; /* 0 = none */
	uint64_t next_ms; /* after the last look */
} rows[] = {
	{ "the first look", { { 0, 100 } }, 0, 50 },
	{ "the second without growth", { { 0, 100 }, { 50, 100 } }, 0, 100 },
	{ "the sixth without growth",
		{ { 0, 100 }, { 50, 100 }, { 150, 100 }, { 350, 100 }, { 750, 100 },
			{ 1550, 100 } },
		0, 1000 },
	{ "memory that shrinks", { { 0, 100 }, { 50, 90 }, { 150, 10 } }, 0, 200 },
	{ "growth by a twentieth in 750 ms",
		{ { 0, 1000 }, { 1000, 1100 }, { 2000, 1200 }, { 3000, 1300 }, { 4000, 1400 },
			{ 5000, 1500 } },
		0, 750 },
	{ "the same far from the limit",
		{ { 0, 1000 }, { 1000, 1100 }, { 2000, 1200 }, { 3000, 1300 }, { 4000, 1400 },
			{ 5000, 1500 } },
		90000, 750 },
	{ "half the time to the limit",
		{ { 0, 1000 }, { 1000, 1100 }, { 2000, 1200 }, { 3000, 1300 }, { 4000, 1400 },
			{ 5000, 1500 } },
		1540, 200 },
	{ "at the limit", { { 0, 1000 }, { 1000, 1100 } }, 1100, 50 },
	{ "beyond the limit", { { 0, 1000 }, { 1000, 1100 } }, 600, 50 },
	{ "at the limit without growth", { { 0, 1000 }, { 50, 1000 } }, 1000, 100 },
	{ "growth too fast for any look", { { 0, 1 }, { 50, 100000 } }, 0, 50 },
	{ "two looks at the same time", { { 7, 100 }, { 7, 200 }, { 7, 300 } }, 0, 200 },
};

START_TEST(the_next_look_comes_as_soon_as_it_is_worth)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t limit = rows[i].limit_mib ? rows[i].limit_mib * MIB : UNKNOWN;
		uint64_t next = 0;
		struct pace p;

		pace_init(&p, 1000 * MS, 50 * MS);
		for (size_t k = 0; k < COUNT(rows[i].looks) && rows[i].looks[k].footprint_mib; k++)
			next = pace_next(&p, rows[i].looks[k].at_ms * MS,
				rows[i].looks[k].footprint_mib * MIB, limit);
		ck_assert_msg(
			next / MS == rows[i].next_ms || (next + MS / 2) / MS == rows[i].next_ms,
			"%s: %ju ns, not %ju ms", rows[i].what, (uintmax_t)next,
			(uintmax_t)rows[i].next_ms);
	}
}
END_TEST

START_TEST(growth_is_forgotten_when_it_does_not_come_back)
{
	uint64_t at = 1000 * MS, next;
	struct pace p;
	unsigned looks = 0;

	pace_init(&p, 1000 * MS, 50 * MS);
	pace_next(&p, 0, 100 * MIB, UNKNOWN);
	next = pace_next(&p, at, 4000 * MIB, UNKNOWN);
	ck_assert_uint_lt(next, 60 * MS);
	while (next < 1000 * MS && looks++ < 20)
		next = pace_next(&p, at += next, 4000 * MIB, UNKNOWN);
	ck_assert_uint_eq(next, 1000 * MS);
	ck_assert_uint_lt(looks, 8);
}
END_TEST

START_TEST(a_shortest_interval_above_the_longest_is_the_longest)
{
	struct pace p;

	pace_init(&p, 10 * MS, 50 * MS);
	for (uint64_t i = 0; i < 5; i++)
		ck_assert_uint_eq(pace_next(&p, i * 10 * MS, MIB << i, UNKNOWN), 10 * MS);
}
END_TEST

START_TEST(the_pace_never_leaves_its_interval)
{
	struct pace p;
	uint64_t at = 0;

	pace_init(&p, 1000 * MS, 50 * MS);
	for (int i = 0; i < 100000; i++) {
		uint64_t footprint = (uint64_t)unit_random() << unit_random() % 32;
		uint64_t limit = unit_random() % 4 ? (uint64_t)unit_random() << 10 : UNKNOWN;
		uint64_t next = pace_next(&p, at, footprint, limit);

		if (next < 50 * MS || next > 1000 * MS)
			ck_abort_msg("%ju ns after %ju", (uintmax_t)next, (uintmax_t)footprint);
		at += unit_random() % 8 ? next : 1;
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("pace");

	tcase_add_test(tc, the_next_look_comes_as_soon_as_it_is_worth);
	tcase_add_test(tc, growth_is_forgotten_when_it_does_not_come_back);
	tcase_add_test(tc, a_shortest_interval_above_the_longest_is_the_longest);
	tcase_add_test(tc, the_pace_never_leaves_its_interval);
	return unit_run();
}

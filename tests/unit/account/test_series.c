/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/series.h"
#include "base/units.h"
#include "tests/unit/unit.h"

static struct series s;

static void fresh(void)
{
	s = (struct series){ 0 };
}

static void point(uint64_t at_ns, uint64_t footprint, uint64_t rss)
{
	const struct sample sample = { .private = footprint, .rss = rss };

	series_add(&s, at_ns, &sample);
}

static uint64_t greatest(void)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < s.count; i++)
		if (s.points[i].footprint > most)
			most = s.points[i].footprint;
	return most;
}

static void is_in_order(const char *row)
{
	ck_assert_msg(s.count && s.count <= SERIES_POINTS, "%s: %u points", row, s.count);
	for (uint32_t i = 1; i < s.count; i++)
		ck_assert_msg(s.points[i - 1].at_ns / s.width_ns < s.points[i].at_ns / s.width_ns,
			"%s: two points in one width", row);
}

START_TEST(few_points_are_kept_as_they_are)
{
	for (uint64_t i = 0; i < 10; i++)
		point(i * NS_PER_S, i, 2 * i);
	ck_assert_uint_eq(s.count, 10);
	for (uint64_t i = 0; i < 10; i++) {
		ck_assert_uint_eq(s.points[i].at_ns, i * NS_PER_S);
		ck_assert_uint_eq(s.points[i].footprint, i);
		ck_assert_uint_eq(s.points[i].rss, 2 * i);
	}
}
END_TEST

START_TEST(within_a_width_the_greatest_stays)
{
	point(0, 5, 50);
	point(10 * NS_PER_MS, 9, 90);
	point(20 * NS_PER_MS, 7, 100);
	ck_assert_uint_eq(s.count, 1);
	ck_assert_uint_eq(s.points[0].at_ns, 10 * NS_PER_MS);
	ck_assert_uint_eq(s.points[0].footprint, 9);
	ck_assert_uint_eq(s.points[0].rss, 90);
}
END_TEST

static const struct {
	const char *what;
	uint64_t interval_ns, looks;
} lives[] = {
	{ "20 looks a second for an hour", 50 * NS_PER_MS, 72000 },
	{ "a look a second for a day", NS_PER_S, 86400 },
	{ "just full", NS_PER_S, SERIES_POINTS },
	{ "one more than full", NS_PER_S, SERIES_POINTS + 1 },
	{ "a look a minute for a month", 60 * NS_PER_S, 43200 },
	{ "closer than the first width", NS_PER_MS, 100000 },
	{ "a day between looks", 86400 * NS_PER_S, 1000 },
};

START_TEST(a_peak_survives_wherever_it_was)
{
	for (size_t k = 0; k < COUNT(lives); k++) {
		for (uint64_t peak = 0; peak < lives[k].looks; peak += lives[k].looks / 7) {
			fresh();
			for (uint64_t i = 0; i < lives[k].looks; i++)
				point(i * lives[k].interval_ns,
					i == peak ? 1000000 : unit_random() % 1000, i);
			SAME(lives[k].what, greatest(), 1000000);
			is_in_order(lives[k].what);
		}
	}
}
END_TEST

START_TEST(the_whole_life_is_seen_at_one_resolution)
{
	for (size_t k = 0; k < COUNT(lives); k++) {
		uint64_t width;

		fresh();
		for (uint64_t i = 0; i < lives[k].looks; i++)
			point(i * lives[k].interval_ns, 1, 1);
		is_in_order(lives[k].what);
		width = s.width_ns > lives[k].interval_ns ? s.width_ns : lives[k].interval_ns;
		for (uint32_t i = 1; i < s.count; i++)
			ck_assert_msg(s.points[i].at_ns - s.points[i - 1].at_ns <= 2 * width,
				"%s: a gap of %ju ms at %u of %u", lives[k].what,
				(uintmax_t)((s.points[i].at_ns - s.points[i - 1].at_ns) /
					NS_PER_MS),
				i, s.count);
		ck_assert_msg(s.count > SERIES_POINTS / 3 || s.count == lives[k].looks,
			"%s: only %u points", lives[k].what, s.count);
	}
}
END_TEST

START_TEST(times_of_any_size_are_taken)
{
	point(0, 1, 1);
	for (unsigned bit = 0; bit < 64; bit++)
		for (uint64_t i = 0; i < 20; i++)
			point((1ULL << bit) + ((1ULL << bit) / 32) * i, 1, 1);
	is_in_order("every power of two");
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("series");

	tcase_add_checked_fixture(tc, fresh, NULL);
	tcase_add_test(tc, few_points_are_kept_as_they_are);
	tcase_add_test(tc, within_a_width_the_greatest_stays);
	tcase_add_test(tc, a_peak_survives_wherever_it_was);
	tcase_add_test(tc, the_whole_life_is_seen_at_one_resolution);
	tcase_add_test(tc, times_of_any_size_are_taken);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "account/distribution.h"
#include "base/units.h"
#include "tests/unit/unit.h"

#define DAY_NS (24 * 3600 * NS_PER_S)

/* Half a bucket and rounding. */
#define TOLERANCE 0.0056

static struct distribution d;

static void fresh(void)
{
	d = (struct distribution){ 0 };
}

static void is_near(const char *row, uint64_t got, double want)
{
	ck_assert_msg(
		(double)got >= want * (1 - TOLERANCE) && (double)got <= want * (1 + TOLERANCE),
		"%s: %ju is not about %.0f", row, (uintmax_t)got, want);
}

START_TEST(of_nothing_all_is_0)
{
	ck_assert_uint_eq(distribution_mean(&d), 0);
	ck_assert_uint_eq(distribution_quantile(&d, 0.5), 0);
	distribution_add(&d, GIB, 0);
	ck_assert_uint_eq(distribution_mean(&d), 0);
	ck_assert_uint_eq(distribution_quantile(&d, 0.5), 0);
}
END_TEST

START_TEST(a_steady_value_is_its_own_mean_and_quantiles)
{
	static const uint64_t values[] = {
		65 * KIB,
		100 * KIB,
		MIB,
		3 * MIB + 1,
		999 * MIB,
		GIB,
		GIB - 1,
		1000 * GIB,
		60000 * GIB,
	};

	for (size_t i = 0; i < COUNT(values); i++) {
		fresh();
		for (int n = 0; n < 10; n++)
			distribution_add(&d, values[i], NS_PER_S);
		ck_assert_uint_eq(distribution_mean(&d), values[i]);
		is_near("p1", distribution_quantile(&d, 0.01), (double)values[i]);
		is_near("p50", distribution_quantile(&d, 0.5), (double)values[i]);
		is_near("p100", distribution_quantile(&d, 1), (double)values[i]);
	}
}
END_TEST

static const struct {
	const char *what;
	uint64_t low_ns, high_ns; /* 1 GiB for so long, then 8 GiB */
	double mean_gib, p50_gib, p95_gib;
} pairs[] = {
	{ "most of the time low", 99 * NS_PER_S, NS_PER_S, 1.07, 1, 1 },
	{ "nine to one", 9 * NS_PER_S, NS_PER_S, 1.7, 1, 8 },
	{ "most of the time high", NS_PER_S, 9 * NS_PER_S, 7.3, 8, 8 },
	{ "shorter than a millisecond counts", 10000, 90000, 7.3, 1, 8 },
	{ "60 days at one value are no 10 days", 20 * DAY_NS, 60 * DAY_NS, 6.25, 8, 8 },
};

START_TEST(values_count_by_the_time_they_held)
{
	for (size_t i = 0; i < COUNT(pairs); i++) {
		fresh();
		distribution_add(&d, GIB, pairs[i].low_ns);
		distribution_add(&d, 8 * GIB, pairs[i].high_ns);
		is_near(pairs[i].what, distribution_mean(&d), pairs[i].mean_gib * (double)GIB);
		is_near(pairs[i].what, distribution_quantile(&d, 0.5),
			pairs[i].p50_gib * (double)GIB);
		is_near(pairs[i].what, distribution_quantile(&d, 0.95),
			pairs[i].p95_gib * (double)GIB);
	}
}
END_TEST

START_TEST(a_full_bucket_stays_full)
{
	for (int i = 0; i < 100; i++)
		distribution_add(&d, GIB, 10 * DAY_NS);
	distribution_add(&d, 8 * GIB, 40 * DAY_NS);
	is_near("p50", distribution_quantile(&d, 0.5), (double)GIB);
}
END_TEST

START_TEST(what_lies_outside_counts_at_the_edges)
{
	distribution_add(&d, 0, NS_PER_S);
	ck_assert_uint_eq(distribution_mean(&d), 0);
	ck_assert_uint_le(distribution_quantile(&d, 0.5), 66 * KIB);
	fresh();
	distribution_add(&d, UINT64_MAX, NS_PER_S);
	is_near("p50", distribution_quantile(&d, 0.5), 0x1p46);
}
END_TEST

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

START_TEST(quantiles_are_those_of_the_sorted_values)
{
	static uint64_t values[1000];

	for (size_t i = 0; i < COUNT(values); i++) {
		values[i] = (128 * KIB) + ((uint64_t)unit_random() << unit_random() % 12);
		distribution_add(&d, values[i], 7 * NS_PER_MS);
	}
	qsort(values, COUNT(values), sizeof(*values), ascending);
	for (size_t i = 1; i <= COUNT(values); i++)
		is_near("sorted", distribution_quantile(&d, ((double)i - 0.5) / COUNT(values)),
			(double)values[i - 1]);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("distribution");

	tcase_add_checked_fixture(tc, fresh, NULL);
	tcase_add_test(tc, of_nothing_all_is_0);
	tcase_add_test(tc, a_steady_value_is_its_own_mean_and_quantiles);
	tcase_add_test(tc, values_count_by_the_time_they_held);
	tcase_add_test(tc, a_full_bucket_stays_full);
	tcase_add_test(tc, what_lies_outside_counts_at_the_edges);
	tcase_add_test(tc, quantiles_are_those_of_the_sorted_values);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks that do not know a figure, or know nothing. */
#include "account/account.h"
#include "base/units.h"
#include "tests/unit/unit.h"

START_TEST(the_most_that_was_merged_is_kept)
{
	static const struct {
		const char *what;
		uint64_t merged, want;
	} steps[] = {
		{ "not known", UNKNOWN, UNKNOWN },
		{ "KSM is off", 0, 0 },
		{ "merged", 3 * GIB, 3 * GIB },
		{ "less", GIB, 3 * GIB },
		{ "not known any more", UNKNOWN, 3 * GIB },
	};

	static struct account a;
	struct look seen = { .limit = UNKNOWN };

	account_init(&a, UNKNOWN, NS_PER_S);
	for (size_t i = 0; i < COUNT(steps); i++) {
		seen.at_ns = (1 + i) * NS_PER_S;
		seen.sample = sample_unknown(seen.at_ns);
		seen.sample.processes = 1;
		seen.sample.private = MIB;
		seen.sample.merged = steps[i].merged;
		account_add(&a, &seen);
		SAME(steps[i].what, a.merged, steps[i].want);
	}
}
END_TEST

START_TEST(processes_without_memory_tell_nothing)
{
	static struct account a;
	struct look seen = { .limit = UNKNOWN, .sample = { .processes = 1 } };

	account_init(&a, UNKNOWN, NS_PER_S);
	account_add(&a, &seen);
	ck_assert_uint_eq(a.samples, 0);
	ck_assert_uint_eq(a.peak.private, UNKNOWN);
	seen.sample.private = MIB;
	account_add(&a, &seen);
	seen.sample.private = 0;
	account_add(&a, &seen);
	ck_assert_uint_eq(a.samples, 1);
	ck_assert_uint_eq(a.last.private, MIB);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account_maxima");

	tcase_add_test(tc, the_most_that_was_merged_is_kept);
	tcase_add_test(tc, processes_without_memory_tell_nothing);
	return unit_run();
}

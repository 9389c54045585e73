/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maxima over all looks where some looks do not know the figure. */
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
		seen.sample.merged = steps[i].merged;
		account_add(&a, &seen);
		SAME(steps[i].what, a.merged, steps[i].want);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account_maxima");

	tcase_add_test(tc, the_most_that_was_merged_is_kept);
	return unit_run();
}

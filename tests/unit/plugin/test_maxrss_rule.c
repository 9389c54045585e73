/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "measure/sample.h"
#include "plugin/common/maxrss_rule.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what;
	enum maxrss_policy policy;
	struct slurm_settings settings;
	uint64_t limit;
	unsigned cpus;
	bool corrected;
	const char *why; /* part of it; "" = silent */
} rows[] = {
	{ "small step, poll every 30 s", MAXRSS_AUTO,
		{ .readable = true, .gather_linux = true, .poll_s = 30 }, 8 * GIB, 4, true, "" },
	{ "one worker for each of 64 CPUs on 100 GiB", MAXRSS_AUTO,
		{ .readable = true, .gather_linux = true, .poll_s = 30 }, 100 * GIB, 64, false,
		"341 %" },
	{ "the same under OverMemoryKill", MAXRSS_AUTO,
		{ .readable = true, .gather_linux = true, .poll_s = 30, .kill_on_limit = true },
		100 * GIB, 64, true, "" },
	{ "the same, forced", MAXRSS_PSS, { .readable = true, .gather_linux = true, .poll_s = 30 },
		100 * GIB, 64, true, "" },
	{ "left alone for all that", MAXRSS_LEAVE,
		{ .readable = true, .gather_linux = true, .poll_s = 30, .kill_on_limit = true },
		GIB, 1, false, "" },
	{ "no limit to reckon with", MAXRSS_AUTO,
		{ .readable = true, .gather_linux = true, .poll_s = 30 }, UNKNOWN, 1, false,
		"no memory limit" },
	{ "no polls", MAXRSS_AUTO, { .readable = true, .gather_linux = true }, 100 * GIB, 64, true,
		"" },
	{ "another gatherer", MAXRSS_AUTO, { .readable = true, .poll_s = 30 }, GIB, 1, false, "" },
	{ "another gatherer, forced", MAXRSS_PSS, { .readable = true, .poll_s = 30 }, GIB, 1, false,
		"only jobacct_gather/linux" },
	{ "NoShared, forced", MAXRSS_PSS,
		{ .readable = true, .gather_linux = true, .no_shared = true, .poll_s = 30 }, GIB, 1,
		false, "NoShared" },
	{ "another release, forced", MAXRSS_PSS, { 0 }, GIB, 1, false, "another Slurm release" },
	{ "PSS for all steps already", MAXRSS_PSS,
		{ .readable = true, .gather_linux = true, .uses_pss = true, .poll_s = 30 }, GIB, 1,
		false, "" },
};

START_TEST(maxrss_is_corrected_where_it_is_worth_its_cost)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		char why[256];
		bool corrected = maxrss_decide(rows[i].policy, &rows[i].settings, rows[i].limit,
			rows[i].cpus, why, sizeof(why));

		ck_assert_msg(corrected == rows[i].corrected, "%s", rows[i].what);
		ck_assert_msg(*rows[i].why ? strstr(why, rows[i].why) != NULL : !*why, "%s: %s",
			rows[i].what, why);
	}
}
END_TEST

START_TEST(the_cost_follows_from_what_is_mapped)
{
	ck_assert_double_eq_tol(maxrss_cost(64 * 100 * GIB, 30), 3.41, 0.01);
	ck_assert_double_eq_tol(maxrss_cost(9 * GIB, 1), 0.144, 0.001);
	ck_assert_double_eq(maxrss_cost(9 * GIB, 0), 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("maxrss_rule");

	tcase_add_test(tc, maxrss_is_corrected_where_it_is_worth_its_cost);
	tcase_add_test(tc, the_cost_follows_from_what_is_mapped);
	return unit_run();
}

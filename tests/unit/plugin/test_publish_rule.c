/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "plugin/raypssd/publish_rule.h"
#include "tests/unit/unit.h"

enum { SHORT = 0, LONG = 1 };

/* is_enclosing, in_enclosing, first_node, all_reported, verdict, elapsed */
static const struct {
	const char *what;
	bool is_enclosing, in_enclosing, first_node, all_reported;
	enum verdict verdict;
	int elapsed;
	enum publish_decision want;
} rules[] = {
	{ "the batch step", true, false, true, true, VERDICT_NONE, SHORT, PUBLISH_NOW },
	{ "a bare step", false, false, true, true, VERDICT_NONE, SHORT, PUBLISH_RATED },
	{ "a long bare step", false, false, true, true, VERDICT_NONE, LONG, PUBLISH_RATED },
	{ "quiet and short in a batch step", false, true, true, true, VERDICT_NONE, SHORT,
		PUBLISH_NOT },
	{ "long in a batch step", false, true, true, true, VERDICT_NONE, LONG, PUBLISH_RATED },
	{ "short with a flag in a batch step", false, true, true, true, VERDICT_RSS_ONLY, SHORT,
		PUBLISH_NOW },
	{ "killed in a batch step", false, true, true, false, VERDICT_KERNEL, SHORT, PUBLISH_NOW },
	{ "the first node of several", false, false, true, false, VERDICT_NONE, SHORT,
		PUBLISH_RATED },
	{ "another node", false, false, false, false, VERDICT_NONE, LONG, PUBLISH_NOT },
	{ "another node with a flag", false, false, false, false, VERDICT_LIMIT, LONG,
		PUBLISH_NOT },
	{ "another node, the last to report", false, false, false, true, VERDICT_NONE, LONG,
		PUBLISH_RATED },
	{ "the last to report, short, in a batch step", false, true, false, true, VERDICT_NONE,
		SHORT, PUBLISH_NOT },
};

START_TEST(each_end_has_its_decision)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		const struct step_end end = {
			.is_enclosing = rules[i].is_enclosing,
			.in_enclosing = rules[i].in_enclosing,
			.first_node = rules[i].first_node,
			.all_reported = rules[i].all_reported,
			.verdict = rules[i].verdict,
			.elapsed_ns = rules[i].elapsed ? PUBLISH_QUIET_NS : PUBLISH_QUIET_NS - 1,
		};

		SAME(rules[i].what, publish_decide(&end), rules[i].want);
	}
}
END_TEST

START_TEST(the_rate_is_that_of_the_contract)
{
	/* At most one write per job and minute, but for a few at once where no batch step writes. */
	ck_assert_int_eq(PUBLISH_REFILL_S, 60);
	ck_assert_int_eq(PUBLISH_BURST_ENCLOSED, 1);
	SAME("quiet", PUBLISH_QUIET_NS, 60 * NS_PER_S);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("publish_rule");

	tcase_add_test(tc, each_end_has_its_decision);
	tcase_add_test(tc, the_rate_is_that_of_the_contract);
	return unit_run();
}

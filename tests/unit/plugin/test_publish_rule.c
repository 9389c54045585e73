/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "plugin/raypssd/publish_rule.h"
#include "results/publish_request.h"
#include "tests/unit/unit.h"

enum { SHORT = 0, LONG = 1 };

/* is_enclosing, in_enclosing, node_index, nodes, alone, all_reported, verdict, elapsed */
static const struct {
	const char *what;
	bool is_enclosing, in_enclosing;
	uint32_t node_index, nodes;
	bool alone, all_reported;
	enum verdict verdict;
	int elapsed;
	enum publish_decision want;
} rules[] = {
	{ "the batch step", true, false, 0, 1, true, true, VERDICT_NONE, SHORT, PUBLISH_NOW },
	{ "a bare step", false, false, 0, 1, true, true, VERDICT_NONE, SHORT, PUBLISH_RATED },
	{ "a long bare step", false, false, 0, 1, true, true, VERDICT_NONE, LONG, PUBLISH_RATED },
	{ "quiet and short in a batch step", false, true, 0, 1, true, true, VERDICT_NONE, SHORT,
		PUBLISH_NOT },
	{ "long in a batch step", false, true, 0, 1, true, true, VERDICT_NONE, LONG,
		PUBLISH_RATED },
	{ "short with a flag in a batch step", false, true, 0, 1, true, true, VERDICT_RSS_ONLY,
		SHORT, PUBLISH_NOW },
	{ "killed in a batch step", false, true, 0, 2, false, false, VERDICT_KERNEL, SHORT,
		PUBLISH_NOW },
	{ "the first node of several", false, false, 0, 3, false, false, VERDICT_NONE, SHORT,
		PUBLISH_RATED },
	{ "another node", false, false, 2, 3, false, false, VERDICT_NONE, LONG, PUBLISH_NOT },
	{ "another node with a flag", false, false, 2, 3, false, false, VERDICT_LIMIT, LONG,
		PUBLISH_NOW },
	{ "another node, the last to report", false, false, 1, 3, false, true, VERDICT_NONE, LONG,
		PUBLISH_RATED },
	{ "the last to report, short, in a batch step", false, true, 1, 3, false, true,
		VERDICT_NONE, SHORT, PUBLISH_NOT },
	{ "another node with a spool of its own", false, false, 2, 3, true, false, VERDICT_NONE,
		SHORT, PUBLISH_RATED },
	{ "one of too many with spools of their own", false, false, 2, 65, true, false,
		VERDICT_NONE, SHORT, PUBLISH_NOT },
	{ "the first of too many", false, false, 0, 65, true, false, VERDICT_NONE, SHORT,
		PUBLISH_RATED },
};

START_TEST(each_end_has_its_decision)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		const struct step_end end = {
			.is_enclosing = rules[i].is_enclosing,
			.in_enclosing = rules[i].in_enclosing,
			.node_index = rules[i].node_index,
			.nodes = rules[i].nodes,
			.alone = rules[i].alone,
			.all_reported = rules[i].all_reported,
			.verdict = rules[i].verdict,
			.elapsed_ns = rules[i].elapsed ? PUBLISH_QUIET_NS : PUBLISH_QUIET_NS - 1,
		};

		SAME(rules[i].what, publish_decide(&end), rules[i].want);
	}
}
END_TEST

START_TEST(nodes_of_a_wide_step_write_one_after_another)
{
	uint32_t last = 0;

	SAME("the eighth", publish_delay_ms(7), 0);
	SAME("the ninth", publish_delay_ms(8), 50);
	SAME("the last with a part of its own", publish_delay_ms(63), 2800);
	SAME("the next", publish_delay_ms(64), 2810);
	for (uint32_t i = 0; i < 1000; i++) {
		ck_assert_uint_ge(publish_delay_ms(i), last);
		last = publish_delay_ms(i);
	}
	/* The publisher refuses a request that it would have to wait with for longer. */
	for (uint32_t i = 0; i < 2 * PUBLISH_LATEST_MS / PUBLISH_FURTHER_MS; i++)
		ck_assert_uint_le(publish_delay_ms(i), PUBLISH_DELAY_MOST_MS);
	ck_assert_uint_le(publish_delay_ms(UINT32_MAX), PUBLISH_DELAY_MOST_MS);
}
END_TEST

/* The most requests in any second that the nodes of a step make, which ends on all of them at once. */
static unsigned most_in_a_second(uint32_t nodes, enum verdict verdict, unsigned *all)
{
	static unsigned char at[20000]; /* requests in each millisecond */
	unsigned second = 0, most = 0;

	memset(at, 0, sizeof(at));
	*all = 0;
	for (uint32_t i = 0; i < nodes; i++) {
		struct step_end end = {
			.node_index = i,
			.nodes = nodes,
			.alone = true,
			.verdict = verdict,
		};

		if (publish_decide(&end) == PUBLISH_NOT)
			continue;
		at[publish_delay_ms(i)]++;
		++*all;
	}
	for (size_t ms = 0; ms < COUNT(at); ms++) {
		second += at[ms];
		if (ms >= 1000)
			second -= at[ms - 1000];
		if (second > most)
			most = second;
	}
	return most;
}

START_TEST(slurmctld_gets_few_requests_a_second)
{
	static const struct {
		const char *what;
		uint32_t nodes;
		enum verdict verdict;
		unsigned all, most;
	} rows[] = {
		{ "64 nodes", 64, VERDICT_NONE, 64, 27 },
		{ "64 nodes out of memory", 64, VERDICT_KERNEL, 64, 27 },
		{ "1,000 nodes", 1000, VERDICT_NONE, 1, 1 },
		{ "1,000 nodes out of memory", 1000, VERDICT_KERNEL, 1000, 100 },
		{ "5,000 nodes out of memory", 5000, VERDICT_KERNEL, 5000, 500 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned all, most = most_in_a_second(rows[i].nodes, rows[i].verdict, &all);

		SAME(rows[i].what, all, rows[i].all);
		SAME(rows[i].what, most, rows[i].most);
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
	tcase_add_test(tc, nodes_of_a_wide_step_write_one_after_another);
	tcase_add_test(tc, slurmctld_gets_few_requests_a_second);
	tcase_add_test(tc, the_rate_is_that_of_the_contract);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/unknown.h"
#include "results/job_summary.h"
#include "tests/unit/unit.h"

static struct job_summary s;

static void begin(void)
{
	memset(&s, 0, sizeof(s));
}

static void add(unsigned step, const char *node, uint64_t nodes, uint64_t peak,
	enum verdict verdict, enum end_how how)
{
	struct job_node n = { .job = 7,
		.nodes = nodes,
		.footprint = peak,
		.rss_max = 2 * peak,
		.limit = UNKNOWN,
		.store = 0,
		.verdict = verdict,
		.how = how };

	snprintf(n.step, sizeof(n.step), "%u", step);
	snprintf(n.node, sizeof(n.node), "%s", node);
	job_summary_add(&s, &n);
}

static struct job_steps steps(void)
{
	struct job_steps out;

	ck_assert(job_summary_is_sane(&s));
	ck_assert_int_eq(job_summary_steps(&s, &out), 0);
	return out;
}

START_TEST(a_node_counts_once_however_often_it_writes)
{
	struct job_steps out;

	add(0, "n1", 2, 10, VERDICT_NONE, END_RUNNING);
	add(0, "n1", 2, 20, VERDICT_NONE, END_COMPLETED);
	add(0, "n1", 2, 20, VERDICT_NEAR, END_COMPLETED);
	add(0, "n2", 2, 15, VERDICT_NONE, END_RUNNING);
	out = steps();
	SAME("steps", out.n, 1);
	SAME("reported", out.steps[0].reported, 1);
	SAME("peak", out.steps[0].peak, 20);
	SAME("oom", out.steps[0].oom, VERDICT_NEAR);
	SAME("totals", out.totals.steps, 0);
	job_steps_clear(&out);
	add(0, "n2", 2, 30, VERDICT_NONE, END_FAILED);
	out = steps();
	SAME("reported", out.steps[0].reported, 2);
	SAME("peak", out.steps[0].peak, 30);
	job_steps_clear(&out);
}
END_TEST

START_TEST(the_worst_and_the_unfinished_stay)
{
	struct job_steps out;

	add(0, "n1", 2, 1, VERDICT_NONE, END_COMPLETED); /* of n2 nothing is known yet */
	add(1, "n1", 1, 2, VERDICT_RSS_ONLY, END_COMPLETED);
	for (unsigned i = 2; i < 3000; i++) {
		add(i, "n1", 1, i, VERDICT_NONE, END_RUNNING);
		add(i, "n1", 1, i, VERDICT_NONE, END_COMPLETED);
		add(i, "n1", 1, i, VERDICT_NONE, END_COMPLETED);
	}
	add(0, "n2", 2, 1, VERDICT_NONE, END_COMPLETED);
	out = steps();
	SAME("steps", out.n, SUMMARY_STEPS);
	SAME("totals", out.totals.steps, 3000);
	SAME("totals", out.totals.peak, 2999);
	SAME("totals", out.totals.rss, 2 * 2999);
	SAME("unfinished", job_steps_find(&out, "0")->reported, 2);
	ck_assert_ptr_nonnull(job_steps_find(&out, "1"));
	ck_assert_ptr_nonnull(job_steps_find(&out, "2999"));
	ck_assert_ptr_nonnull(job_steps_find(&out, "2980"));
	ck_assert_ptr_null(job_steps_find(&out, "100"));
	job_steps_clear(&out);
}
END_TEST

START_TEST(a_later_run_begins_anew)
{
	struct job_node n = { .job = 7, .step = "1", .node = "n1", .nodes = 1, .restart = 1 };

	add(0, "n1", 1, 10, VERDICT_NONE, END_COMPLETED);
	job_summary_add(&s, &n);
	SAME("steps", s.n, 1);
	SAME("run", s.restart, 1);
	/* What an earlier run still writes is no part of it. */
	add(0, "n1", 1, 10, VERDICT_NONE, END_COMPLETED);
	SAME("steps", s.n, 1);
}
END_TEST

START_TEST(nodes_that_share_the_summary_know_of_each_other)
{
	struct job_node n = {
		.job = 7, .step = "0", .node = "n2", .nodes = 3, .how = END_RUNNING, .node_index = 1
	};

	ck_assert(!job_summary_has_others(&s, "0", 1));
	job_summary_add(&s, &n);
	ck_assert(!job_summary_has_others(&s, "0", 1));
	ck_assert(job_summary_has_others(&s, "0", 0));
	ck_assert(!job_summary_has_others(&s, "1", 0));
	n.node_index = 70; /* beyond what the bits can tell */
	job_summary_add(&s, &n);
	ck_assert(!job_summary_has_others(&s, "0", 1));
}
END_TEST

START_TEST(of_a_wide_step_some_nodes_are_enough)
{
	struct job_node n = { .job = 7, .step = "0", .nodes = 5000 };
	unsigned wanted = 0;

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(n.node, sizeof(n.node), "node%04u", i);
		n.verdict = VERDICT_NONE;
		if (job_summary_wants(&n)) {
			wanted++;
			job_summary_add(&s, &n);
		}
		n.verdict = VERDICT_KERNEL;
		ck_assert(job_summary_wants(&n));
	}
	ck_assert_uint_ge(wanted, 1);
	ck_assert_uint_le(wanted, 8 * SUMMARY_NODES);
	ck_assert_uint_le(s.steps[0].step.reported, SUMMARY_NODES);
	n.nodes = SUMMARY_NODES;
	n.verdict = VERDICT_NONE;
	ck_assert(job_summary_wants(&n));
}
END_TEST

START_TEST(what_is_read_from_a_file_is_checked)
{
	add(0, "n1", 1, 10, VERDICT_NONE, END_COMPLETED);
	ck_assert(job_summary_is_sane(&s));
	memset(s.steps[0].step.step, 'a', STEP_SIZE);
	ck_assert(!job_summary_is_sane(&s));
	begin();
	add(0, "n1", 1, 10, VERDICT_NONE, END_COMPLETED);
	memset(s.steps[0].step.oom_node, 'a', NODE_SIZE);
	ck_assert(!job_summary_is_sane(&s));
	begin();
	s.n = SUMMARY_STEPS + 1;
	ck_assert(!job_summary_is_sane(&s));
	begin();
	add(0, "n1", 1, 10, VERDICT_NONE, END_COMPLETED);
	s.steps[0].step.oom = (enum verdict)77;
	ck_assert(!job_summary_is_sane(&s));
	begin();
	add(0, "n1", 1, 10, VERDICT_NONE, END_COMPLETED);
	s.restart = RESTART_MAX + 1;
	ck_assert(!job_summary_is_sane(&s));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("job_summary");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_node_counts_once_however_often_it_writes);
	tcase_add_test(tc, the_worst_and_the_unfinished_stay);
	tcase_add_test(tc, a_later_run_begins_anew);
	tcase_add_test(tc, of_a_wide_step_some_nodes_are_enough);
	tcase_add_test(tc, nodes_that_share_the_summary_know_of_each_other);
	tcase_add_test(tc, what_is_read_from_a_file_is_checked);
	return unit_run();
}

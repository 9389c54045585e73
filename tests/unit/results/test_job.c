/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unknown.h"
#include "results/job.h"
#include "results/job_report.h"
#include "tests/unit/unit.h"

/* A record's parts that matter here; objects: "INODE:MIB INODE:MIB". */
struct row {
	const char *step, *node;
	int restart, nodes, start, elapsed;
	const char *how, *verdict;
	int footprint, shared, rss; /* MiB; -1 = null */
	const char *objects;
};

static json_t *mib(int n)
{
	return n < 0 ? json_null() : json_integer((json_int_t)n << 20);
}

static json_t *objects(const char *text)
{
	json_t *all = json_array();
	char *copy = strdup(text ? text : ""), *rest = copy, *word;

	while ((word = strsep(&rest, " ")))
		if (*word)
			json_array_append_new(all,
				json_pack("{s:i,s:i,s:o}", "dev", 1, "ino", atoi(word), "bytes",
					mib(atoi(strchr(word, ':') + 1))));
	free(copy);
	return all;
}

static json_t *record_of(const struct row *r)
{
	return json_pack(
		"{s:i,s:i,s:s,s:s,s:i,s:i,s:f,s:o,s:{s:o,s:o,s:i},s:o,s:{s:s},s:{s:s},s:o}", "job",
		7, "restart", r->restart, "step", r->step, "node", r->node, "nodes", r->nodes,
		"start", r->start, "elapsed", (double)r->elapsed, "limit", mib(100), "peak",
		"footprint", mib(r->footprint), "shared", mib(r->shared), "store", 0, "rss_max",
		mib(r->rss), "end", "how", r->how, "oom", "verdict", r->verdict, "objects",
		objects(r->objects));
}

/* The last run of a job with these records. */
static struct job job_of(const struct row *rows, size_t n)
{
	struct job job = { .number = 7 };

	for (size_t i = 0; i < n; i++) {
		json_t *record = record_of(&rows[i]);

		ck_assert_int_eq(job_add(&job, record), 0);
		json_decref(record);
	}
	job_last_run(&job);
	return job;
}

static struct job_steps steps_of(const struct job *job)
{
	struct job_steps steps;

	ck_assert_int_eq(job_steps_of(job, &steps), 0);
	return steps;
}

static struct job_report report_of(const struct job *job)
{
	struct job_report report;

	ck_assert_int_eq(job_report_make(job, &report), 0);
	return report;
}

static const struct row four_nodes[] = {
	{ "0", "n1", 0, 4, 10, 5, "completed", "none", 20, 5, 60, NULL },
	{ "0", "n2", 0, 4, 10, 5, "completed", "rss-only", 40, 5, 50, NULL },
	{ "0", "n3", 0, 4, 10, 5, "running", "none", 30, 5, -1, NULL },
	{ "batch", "n1", 0, 1, 9, 7, "failed", "none", 3, 0, -1, NULL },
};

START_TEST(a_step_adds_up_its_nodes)
{
	struct job job = job_of(four_nodes, COUNT(four_nodes));
	struct job_steps steps = steps_of(&job);
	const struct job_step *step = job_steps_find(&steps, "0"),
			      *batch = job_steps_find(&steps, "batch");

	SAME("nodes", step->nodes, 4);
	/* Of n3 the end is not known, of n4 nothing. */
	SAME("reported", step->reported, 2);
	SAME("peak", step->peak, 40 << 20);
	SAME("rss", step->rss, 60 << 20);
	SAME("limit", step->limit, 100 << 20);
	SAME("oom", step->oom, VERDICT_RSS_ONLY);
	SAME("batch", batch->reported, 1);
	/* Never read is not 0. */
	SAME("batch", batch->rss, UNKNOWN);
	job_steps_clear(&steps);
	job_clear(&job);
}
END_TEST

START_TEST(the_worst_verdict_is_that_of_the_step)
{
	static const char *const mildest_first[] = { "none", "rss-only", "near", "over", "limit",
		"kernel" };

	for (size_t i = 0; i < COUNT(mildest_first); i++) {
		for (size_t k = 0; k < COUNT(mildest_first); k++) {
			struct row rows[] = { four_nodes[0], four_nodes[1] };
			struct job_steps steps;
			struct job job;

			rows[0].verdict = mildest_first[i];
			rows[1].verdict = mildest_first[k];
			job = job_of(rows, 2);
			steps = steps_of(&job);
			ck_assert_str_eq(
				verdict_name(steps.steps[0].oom), mildest_first[i > k ? i : k]);
			job_steps_clear(&steps);
			job_clear(&job);
		}
	}
}
END_TEST

START_TEST(a_sum_is_not_above_what_the_kernel_counted_for_the_job)
{
	static const struct row rows[] = {
		{ "0", "n1", 0, 1, 10, 5, "completed", "none", 90, 0, 90, NULL },
		{ "1", "n1", 0, 1, 11, 5, "completed", "none", 80, 0, 90, NULL },
	};
	struct job job = job_of(rows, COUNT(rows));
	struct job_report report = report_of(&job);

	SAME("not known", report.nodes[0].peak, 170 << 20);
	job_report_clear(&report);
	/* The later step had a new group. */
	job.nodes[0].job_bound = 120 << 20;
	report = report_of(&job);
	SAME("one does not know it", report.nodes[0].peak, 170 << 20);
	job_report_clear(&report);
	job.nodes[1].job_bound = 85 << 20;
	report = report_of(&job);
	SAME("never more", report.nodes[0].peak, 120 << 20);
	SAME("nor in total", report.peak_of_nodes, 120 << 20);
	job_report_clear(&report);
	job_clear(&job);
}
END_TEST

START_TEST(only_the_last_run_counts)
{
	static const struct row rows[] = {
		{ "0", "n1", 0, 1, 10, 5, "completed", "limit", 90, 0, 90, NULL },
		{ "1", "n1", 0, 1, 10, 5, "completed", "none", 10, 0, 10, NULL },
		{ "0", "n2", 2, 1, 50, 5, "completed", "none", 20, 0, 20, NULL },
		{ "0", "n1", 1, 1, 30, 5, "completed", "none", 30, 0, 30, NULL },
	};
	struct job job = job_of(rows, COUNT(rows));
	struct job_report report = report_of(&job);

	SAME("restart", job.restart, 2);
	SAME("steps", report.steps.n, 1);
	SAME("peak", report.steps.steps[0].peak, 20 << 20);
	SAME("nodes", report.nodes_n, 1);
	job_report_clear(&report);
	job_clear(&job);
}
END_TEST

START_TEST(a_restart_count_that_cannot_be_erases_nothing)
{
	static const struct row rows[] = {
		{ "0", "n1", 0, 1, 10, 5, "completed", "none", 90, 0, 90, NULL },
		{ "1", "n1", -1, 1, 10, 5, "completed", "none", 10, 0, 10, NULL },
		{ "2", "n1", RESTART_MAX + 1, 1, 10, 5, "completed", "none", 10, 0, 10, NULL },
	};
	struct job job = job_of(rows, COUNT(rows));

	SAME("restart", job.restart, 0);
	SAME("records", job.n, 3);
	job_clear(&job);
}
END_TEST

/* peak: of the node, MiB */
static const struct {
	const char *what;
	struct row rows[3];
	int peak;
} nodes[] = {
	{ "one step", { { "0", "n1", 0, 1, 10, 5, "completed", "none", 50, 20, 0, "1:20" } }, 50 },
	{ "one after the other",
		{ { "0", "n1", 0, 1, 10, 5, "completed", "none", 50, 0, 0, NULL },
			{ "1", "n1", 0, 1, 16, 5, "completed", "none", 60, 0, 0, NULL } },
		60 },
	{ "at the same time",
		{ { "0", "n1", 0, 1, 10, 9, "completed", "none", 50, 0, 0, NULL },
			{ "1", "n1", 0, 1, 16, 5, "completed", "none", 60, 0, 0, NULL } },
		110 },
	{ "an object in both",
		{ { "0", "n1", 0, 1, 10, 9, "completed", "none", 50, 20, 0, "1:20" },
			{ "1", "n1", 0, 1, 11, 5, "completed", "none", 60, 20, 0, "1:20" } },
		90 },
	{ "an object that grew in between",
		{ { "0", "n1", 0, 1, 10, 9, "completed", "none", 50, 10, 0, "1:10" },
			{ "1", "n1", 0, 1, 11, 5, "completed", "none", 60, 20, 0, "1:20" } },
		100 },
	{ "charged to one of them only",
		{ { "0", "n1", 0, 1, 10, 9, "completed", "none", 50, 20, 0, "1:20" },
			{ "1", "n1", 0, 1, 11, 5, "completed", "none", 40, 0, 0, "1:20" } },
		90 },
	{ "objects of their own",
		{ { "0", "n1", 0, 1, 10, 9, "completed", "none", 50, 20, 0, "1:20" },
			{ "1", "n1", 0, 1, 11, 5, "completed", "none", 60, 20, 0, "2:20" } },
		110 },
	{ "shared memory that is not listed",
		{ { "0", "n1", 0, 1, 10, 9, "completed", "none", 50, 20, 0, NULL },
			{ "1", "n1", 0, 1, 11, 5, "completed", "none", 60, 20, 0, NULL } },
		110 },
	{ "three, never all at once",
		{ { "0", "n1", 0, 1, 10, 5, "completed", "none", 50, 0, 0, NULL },
			{ "1", "n1", 0, 1, 13, 9, "completed", "none", 60, 0, 0, NULL },
			{ "2", "n1", 0, 1, 20, 5, "completed", "none", 10, 0, 0, NULL } },
		110 },
};

START_TEST(a_node_counts_each_object_once)
{
	for (size_t i = 0; i < COUNT(nodes); i++) {
		struct job_report report;
		struct job job;
		size_t n = 0;

		while (n < 3 && nodes[i].rows[n].step)
			n++;
		job = job_of(nodes[i].rows, n);
		report = report_of(&job);
		SAME(nodes[i].what, report.nodes[0].peak, nodes[i].peak << 20);
		SAME(nodes[i].what, report.peak_of_nodes, nodes[i].peak << 20);
		job_report_clear(&report);
		job_clear(&job);
	}
}
END_TEST

START_TEST(the_total_adds_up_nodes)
{
	static const struct row rows[] = {
		{ "0", "n1", 0, 2, 10, 5, "completed", "none", 50, 20, 0, "1:20" },
		{ "0", "n2", 0, 2, 10, 5, "completed", "none", 70, 20, 0, "1:20" },
	};
	struct job job = job_of(rows, COUNT(rows));
	struct job_report report = report_of(&job);

	/* The same numbers on another node are another object. */
	SAME("sum", report.peak_of_nodes, 120 << 20);
	SAME("one", report.peak_of_one_node, 70 << 20);
	SAME("nodes", report.nodes_n, 2);
	job_report_clear(&report);
	job_clear(&job);
}
END_TEST

START_TEST(steps_stand_in_their_order)
{
	static const char *const order[] = { "0", "2", "10", "batch", "interactive" };
	static const char *const mixed[] = { "batch", "10", "interactive", "0", "2" };
	struct row rows[COUNT(mixed)];
	struct job_steps steps;
	struct job job;

	for (size_t k = 0; k < COUNT(mixed); k++) {
		rows[k] = four_nodes[0];
		rows[k].step = mixed[k];
	}
	job = job_of(rows, COUNT(rows));
	steps = steps_of(&job);
	for (size_t i = 0; i < COUNT(order); i++)
		ck_assert_str_eq(steps.steps[i].step, order[i]);
	job_steps_clear(&steps);
	job_clear(&job);
}
END_TEST

START_TEST(a_report_in_json_has_what_was_read)
{
	struct job job = job_of(four_nodes, COUNT(four_nodes));
	struct job_report report = report_of(&job);
	json_t *json = job_report_json(&report);
	const char *how = NULL, *oom = NULL;
	json_int_t footprint = 0, peak = 0, sum = 0, number = 0;

	ck_assert_int_eq(json_unpack(json, "{s:I, s:{s:{s:I, s:{s:{s:I, s:{s:s}, s:s}}}}, s:{s:I}}",
				 "job", &number, "steps", "0", "peak", &peak, "per_node", "n2",
				 "footprint", &footprint, "end", "how", &how, "oom", &oom, "total",
				 "peak_of_nodes", &sum),
		0);
	SAME("job", number, 7);
	SAME("peak", peak, 40 << 20);
	SAME("footprint", footprint, 40 << 20);
	SAME("sum", sum, 93 << 20);
	ck_assert_str_eq(how, "completed");
	ck_assert_str_eq(oom, "rss-only");
	json_decref(json);
	job_report_clear(&report);
	job_clear(&job);
}
END_TEST

START_TEST(nonsense_is_borne)
{
	static const char *const texts[] = { "[]", "{}", "5", "null",
		"{\"job\":7,\"step\":5,\"node\":{},\"restart\":\"a\",\"peak\":[],\"oom\":0}",
		"{\"job\":8,\"step\":\"0\"}", "{\"job\":\"7\",\"step\":\"0\"}" };
	struct job job = { .number = 7 };
	json_t *bare;

	for (size_t i = 0; i < COUNT(texts); i++) {
		json_t *record = json_loads(texts[i], JSON_DECODE_ANY, NULL);

		ck_assert_msg(job_add(&job, record) == -EINVAL, "%s", texts[i]);
		json_decref(record);
	}
	bare = json_loads("{\"job\":7,\"step\":\"0\",\"restart\":-1,\"start\":-5,\"elapsed\":1e300,"
			  "\"limit\":\"a\",\"peak\":{\"footprint\":-1},\"objects\":[5,{}]}",
		0, NULL);
	ck_assert_int_eq(job_add(&job, bare), 0);
	SAME("start", job.nodes[0].start_ms, UNKNOWN);
	SAME("elapsed", job.nodes[0].elapsed_ns, UNKNOWN);
	SAME("limit", job.nodes[0].limit, UNKNOWN);
	SAME("footprint", job.nodes[0].footprint, UNKNOWN);
	SAME("objects", job.nodes[0].objects_n, 2);
	json_decref(bare);
	job_clear(&job);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("job");

	tcase_add_test(tc, a_step_adds_up_its_nodes);
	tcase_add_test(tc, the_worst_verdict_is_that_of_the_step);
	tcase_add_test(tc, a_sum_is_not_above_what_the_kernel_counted_for_the_job);
	tcase_add_test(tc, only_the_last_run_counts);
	tcase_add_test(tc, a_restart_count_that_cannot_be_erases_nothing);
	tcase_add_test(tc, a_node_counts_each_object_once);
	tcase_add_test(tc, the_total_adds_up_nodes);
	tcase_add_test(tc, steps_stand_in_their_order);
	tcase_add_test(tc, a_report_in_json_has_what_was_read);
	tcase_add_test(tc, nonsense_is_borne);
	return unit_run();
}

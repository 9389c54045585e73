/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "results/job.h"
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

static json_t *records_of(const struct row *rows, size_t n)
{
	json_t *records = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		json_array_append_new(records,
			json_pack("{s:i,s:i,s:s,s:s,s:i,s:i,s:f,s:o,s:{s:o,s:o,s:i},s:o,s:{s:s},s:{"
				  "s:s},s:o}",
				"job", 7, "restart", r->restart, "step", r->step, "node", r->node,
				"nodes", r->nodes, "start", r->start, "elapsed", (double)r->elapsed,
				"limit", mib(100), "peak", "footprint", mib(r->footprint), "shared",
				mib(r->shared), "store", 0, "rss_max", mib(r->rss), "end", "how",
				r->how, "oom", "verdict", r->verdict, "objects",
				objects(r->objects)));
	}
	return records;
}

static json_int_t at(const json_t *o, const char *step, const char *key)
{
	const json_t *value = json_object_get(json_object_get(o, step), key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static const struct row four_nodes[] = {
	{ "0", "n1", 0, 4, 10, 5, "completed", "none", 20, 5, 60, NULL },
	{ "0", "n2", 0, 4, 10, 5, "completed", "rss-only", 40, 5, 50, NULL },
	{ "0", "n3", 0, 4, 10, 5, "running", "none", 30, 5, -1, NULL },
	{ "batch", "n1", 0, 1, 9, 7, "failed", "none", 3, 0, -1, NULL },
};

START_TEST(an_entry_adds_up_the_nodes)
{
	json_t *records = records_of(four_nodes, COUNT(four_nodes));
	json_t *entries = job_entries(records);

	SAME("nodes", at(entries, "0", "nodes"), 4);
	/* Of n3 the end is not known, of n4 nothing. */
	SAME("reported", at(entries, "0", "reported"), 2);
	SAME("peak", at(entries, "0", "peak"), 40 << 20);
	SAME("rss", at(entries, "0", "rss"), 60 << 20);
	SAME("limit", at(entries, "0", "limit"), 100 << 20);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(entries, "0"), "oom")),
		"rss-only");
	SAME("batch", at(entries, "batch", "reported"), 1);
	/* Never read is not 0. */
	ck_assert(json_is_null(json_object_get(json_object_get(entries, "batch"), "rss")));
	json_decref(entries);
	json_decref(records);
}
END_TEST

START_TEST(the_worst_verdict_is_that_of_the_step)
{
	static const char *const mildest_first[] = { "none", "rss-only", "near", "limit",
		"kernel" };

	for (size_t i = 0; i < COUNT(mildest_first); i++) {
		for (size_t k = 0; k < COUNT(mildest_first); k++) {
			struct row rows[] = { four_nodes[0], four_nodes[1] };
			json_t *records, *entries;

			rows[0].verdict = mildest_first[i];
			rows[1].verdict = mildest_first[k];
			records = records_of(rows, 2);
			entries = job_entries(records);
			ck_assert_str_eq(json_string_value(json_object_get(
						 json_object_get(entries, "0"), "oom")),
				mildest_first[i > k ? i : k]);
			json_decref(entries);
			json_decref(records);
		}
	}
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
	json_t *records = records_of(rows, COUNT(rows)), *entries = job_entries(records);
	json_t *report = job_report(records);

	SAME("restart", job_restart(records), 2);
	SAME("steps", json_object_size(entries), 1);
	SAME("peak", at(entries, "0", "peak"), 20 << 20);
	SAME("report", json_integer_value(json_object_get(report, "restart")), 2);
	SAME("nodes", json_object_size(json_object_get(report, "nodes")), 1);
	json_decref(report);
	json_decref(entries);
	json_decref(records);
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
		size_t n = 0;
		json_t *records, *report;

		while (n < 3 && nodes[i].rows[n].step)
			n++;
		records = records_of(nodes[i].rows, n);
		report = job_report(records);
		SAME(nodes[i].what, at(json_object_get(report, "nodes"), "n1", "peak"),
			nodes[i].peak << 20);
		SAME(nodes[i].what, at(report, "total", "peak_of_nodes"), nodes[i].peak << 20);
		json_decref(report);
		json_decref(records);
	}
}
END_TEST

START_TEST(the_total_adds_up_nodes)
{
	static const struct row rows[] = {
		{ "0", "n1", 0, 2, 10, 5, "completed", "none", 50, 20, 0, "1:20" },
		{ "0", "n2", 0, 2, 10, 5, "completed", "none", 70, 20, 0, "1:20" },
	};
	json_t *records = records_of(rows, COUNT(rows)), *report = job_report(records);

	/* The same numbers on another node are another object. */
	SAME("sum", at(report, "total", "peak_of_nodes"), 120 << 20);
	SAME("one", at(report, "total", "peak_of_one_node"), 70 << 20);
	SAME("nodes", at(report, "total", "nodes"), 2);
	json_decref(report);
	json_decref(records);
}
END_TEST

START_TEST(steps_stand_in_their_order)
{
	static const char *const order[] = { "0", "2", "10", "batch", "interactive" };
	static const char *const mixed[] = { "batch", "10", "interactive", "0", "2" };
	json_t *records = json_array(), *one, *entries, *entry;
	const char *step;
	size_t i = 0;

	for (size_t k = 0; k < COUNT(mixed); k++) {
		struct row row = four_nodes[0];

		row.step = mixed[k];
		one = records_of(&row, 1);
		json_array_extend(records, one);
		json_decref(one);
	}
	entries = job_entries(records);
	json_object_foreach (entries, step, entry)
		ck_assert_str_eq(step, order[i++]);
	json_decref(entries);
	json_decref(records);
}
END_TEST

START_TEST(nonsense_is_borne)
{
	static const char *const texts[] = { "[]", "[{}]", "[5,null,\"a\"]",
		"[{\"step\":5,\"node\":{},\"restart\":\"a\",\"peak\":[],\"oom\":0,\"objects\":{}}]",
		"[{\"step\":\"0\"}]" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		json_t *records = json_loads(texts[i], 0, NULL), *entries = job_entries(records);
		json_t *report = job_report(records);

		ck_assert_msg(json_is_object(entries) && json_is_object(report), "%s", texts[i]);
		json_decref(report);
		json_decref(entries);
		json_decref(records);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("job");

	tcase_add_test(tc, an_entry_adds_up_the_nodes);
	tcase_add_test(tc, the_worst_verdict_is_that_of_the_step);
	tcase_add_test(tc, only_the_last_run_counts);
	tcase_add_test(tc, a_node_counts_each_object_once);
	tcase_add_test(tc, the_total_adds_up_nodes);
	tcase_add_test(tc, steps_stand_in_their_order);
	tcase_add_test(tc, nonsense_is_borne);
	return unit_run();
}

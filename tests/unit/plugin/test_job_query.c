/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs as people name them, and as Slurm numbers them. */
#include <string.h>
#include <slurm/slurm.h>

#include "plugin/publisher/job_query.h"
#include "tests/unit/unit.h"

START_TEST(what_names_a_job)
{
	static const struct {
		const char *text;
		bool is_one;
		struct job_id id;
	} rows[] = {
		{ "65", true, { .job = 65 } },
		{ "65_0", true, { .job = 65, .array = true } },
		{ "65_7", true, { .job = 65, .array = true, .part = 7 } },
		{ "65+1", true, { .job = 65, .het = true, .part = 1 } },
		{ .text = "" },
		{ .text = "0" },
		{ .text = "x" },
		{ .text = "-1" },
		{ .text = "65_" },
		{ .text = "65_x" },
		{ .text = "65_1_2" },
		{ .text = "65.0" },
		{ .text = "4294967294" }, /* NO_VAL */
		{ .text = "99999999999999999999" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct job_id id;

		SAME(rows[i].text, job_id_parse(rows[i].text, &id), rows[i].is_one);
		if (!rows[i].is_one)
			continue;
		SAME(rows[i].text, id.job, rows[i].id.job);
		SAME(rows[i].text, id.array, rows[i].id.array);
		SAME(rows[i].text, id.het, rows[i].id.het);
		SAME(rows[i].text, id.part, rows[i].id.part);
	}
}
END_TEST

START_TEST(numbers_and_names_of_a_job)
{
	static const struct {
		struct job_numbers numbers;
		const char *id;
		const char *other; /* a name that is not this job's */
	} rows[] = {
		{ { 65, 0, NO_VAL, 0, NO_VAL }, "65", "65_0" },
		{ { 65, 0, 0, 0, 0 }, "65", "66" },
		{ { 66, 65, 3, 0, NO_VAL }, "65_3", "65_4" },
		{ { 65, 65, 0, 0, NO_VAL }, "65_0", "65+0" },
		{ { 65, 65, NO_VAL, 0, NO_VAL }, "65", "65_3" }, /* tasks that did not begin */
		{ { 66, 0, NO_VAL, 65, 1 }, "65+1", "65+0" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *id = job_query_id(&rows[i].numbers);
		struct job_id named;

		ck_assert_str_eq(json_string_value(id), rows[i].id);
		json_decref(id);
		ck_assert(job_id_parse(rows[i].id, &named));
		ck_assert(job_id_is(&named, &rows[i].numbers));
		ck_assert(job_id_parse(rows[i].other, &named));
		ck_assert(!job_id_is(&named, &rows[i].numbers));
		/* Its own number names it always. */
		ck_assert(job_id_is(
			&(struct job_id){ .job = rows[i].numbers.job }, &rows[i].numbers));
	}
}
END_TEST

START_TEST(nodes_are_listed)
{
	json_t *nodes = job_query_nodes("n[1-2],m7");

	ck_assert_uint_eq(json_array_size(nodes), 3);
	ck_assert_str_eq(json_string_value(json_array_get(nodes, 1)), "n2");
	json_decref(nodes);
	nodes = job_query_nodes("None assigned");
	ck_assert_uint_eq(json_array_size(nodes), 0);
	json_decref(nodes);
	nodes = job_query_nodes("n[1-5000]");
	ck_assert_uint_eq(json_array_size(nodes), 1024);
	json_decref(nodes);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("job_query");

	tcase_add_test(c, what_names_a_job);
	tcase_add_test(c, numbers_and_names_of_a_job);
	tcase_add_test(c, nodes_are_listed);
	return unit_run();
}

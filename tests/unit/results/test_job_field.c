/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <jansson.h>
#include <string.h>

#include "base/unknown.h"
#include "results/job_field.h"
#include "tests/unit/unit.h"

static json_t *json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	ck_assert_msg(value != NULL, "%s: %s", text, error.text);
	return value;
}

static struct job_steps steps(const char *text)
{
	json_t *value = json(text);
	struct job_steps s;

	ck_assert_int_eq(job_steps_read(value, &s), 0);
	json_decref(value);
	return s;
}

/* What becomes of text, as JSON. */
static json_t *merged(const char *text, uint32_t restart, const char *entries)
{
	struct job_steps s = steps(entries);
	json_t *field;
	char *out = NULL;

	ck_assert_msg(job_field_merge(text, restart, &s, &out) == 0, "%s", text ? text : "nothing");
	field = json(out);
	ck_assert_msg(job_field_holds(out, restart, &s), "not idempotent: %s", out);
	free(out);
	job_steps_clear(&s);
	return field;
}

#define STEP(nodes, reported, peak, oom)                                                           \
	"{\"nodes\":" nodes ",\"reported\":" reported ",\"peak\":" peak                            \
	",\"limit\":100,\"rss\":null,\"store\":0,\"oom\":\"" oom "\"}"
#define A STEP("1", "1", "10", "none")
#define B STEP("4", "2", "20", "near")
#define B_OLDER STEP("4", "1", "15", "none")
#define OURS(steps) "{\"ray_pss\":{\"v\":1,\"steps\":{" steps "}}}"
#define RUN(n, steps) "{\"ray_pss\":{\"v\":1,\"restart\":" n ",\"steps\":{" steps "}}}"

/* A part: which nodes of three it knows, and what they left. */
#define PART(reported, peak, oom, left, on)                                                        \
	"{\"nodes\":3,\"reported\":" reported ",\"peak\":" peak                                    \
	",\"limit\":100,\"rss\":null,\"store\":0,\"left\":" left ",\"oom\":\"" oom "\"" on "}"
#define NODE(name) ",\"node\":\"" name "\""
#define ON(hex) ",\"on\":\"" hex "\""
#define PART_0 PART("1", "10", "none", "5", ON("1"))
#define PART_2 PART("1", "30", "kernel", "7", ON("4"))
#define PART_02 PART("2", "30", "kernel", "12", ON("5"))
#define PART_12 PART("2", "40", "near", "7", ON("6"))

static const struct {
	const char *what, *text;
	uint32_t restart;
	const char *entries, *want;
} merges[] = {
	{ "nothing", NULL, 0, "{\"0\":" A "}", OURS("\"0\":" A) },
	{ "empty", "", 0, "{\"0\":" A "}", OURS("\"0\":" A) },
	{ "an object of others", "{\"site\":[1,{\"a\":null}]}", 0, "{\"0\":" A "}",
		"{\"site\":[1,{\"a\":null}],\"ray_pss\":{\"v\":1,\"steps\":{\"0\":" A "}}}" },
	{ "another step", OURS("\"0\":" A), 0, "{\"batch\":" B "}",
		OURS("\"0\":" A ",\"batch\":" B) },
	{ "more nodes have reported", OURS("\"0\":" B_OLDER), 0, "{\"0\":" B "}",
		OURS("\"0\":" B) },
	{ "an older view", OURS("\"0\":" B), 0, "{\"0\":" B_OLDER "}", OURS("\"0\":" B) },
	{ "the same nodes, another figure", OURS("\"0\":" A), 0,
		"{\"0\":" STEP("1", "1", "11", "none") "}",
		OURS("\"0\":" STEP("1", "1", "11", "none")) },
	{ "another node's view, smaller", OURS("\"0\":" B_OLDER), 0,
		"{\"0\":" STEP("4", "1", "14", "none") "}", OURS("\"0\":" B_OLDER) },
	{ "another node's view, greater", OURS("\"0\":" STEP("4", "1", "14", "none")), 0,
		"{\"0\":" B_OLDER "}", OURS("\"0\":" B_OLDER) },
	{ "another node's view, with a flag", OURS("\"0\":" B_OLDER), 0,
		"{\"0\":" STEP("4", "1", "14", "near") "}",
		OURS("\"0\":" STEP("4", "1", "14", "near")) },
	{ "another node's part", OURS("\"0\":" PART_0), 0, "{\"0\":" PART_2 "}",
		OURS("\"0\":" PART_02) },
	{ "the parts in the other order", OURS("\"0\":" PART_2), 0, "{\"0\":" PART_0 "}",
		OURS("\"0\":" PART_02) },
	{ "a part that is known", OURS("\"0\":" PART_02), 0, "{\"0\":" PART_2 "}",
		OURS("\"0\":" PART_02) },
	{ "parts that overlap, and make the whole", OURS("\"0\":" PART_02), 0,
		"{\"0\":" PART_12 "}", OURS("\"0\":" PART("3", "40", "kernel", "12", "")) },
	{ "the whole over a part", OURS("\"0\":" PART_0), 0,
		"{\"0\":" PART("3", "9", "none", "1", "") "}",
		OURS("\"0\":" PART("3", "9", "none", "1", "")) },
	{ "bits that are no count of nodes", OURS("\"0\":" PART("1", "10", "none", "5", ON("ff"))),
		0, "{\"0\":" PART_2 "}", OURS("\"0\":" PART_2) },
	{ "the node of the worse verdict",
		OURS("\"0\":" PART("1", "10", "near", "5", ON("1") NODE("n1"))), 0,
		"{\"0\":" PART("1", "30", "kernel", "7", ON("4") NODE("n3")) "}",
		OURS("\"0\":" PART("2", "30", "kernel", "12", ON("5") NODE("n3"))) },
	{ "ours is no object", "{\"ray_pss\":5}", 0, "{\"0\":" A "}", OURS("\"0\":" A) },
	{ "ours has no steps", "{\"ray_pss\":{\"v\":1}}", 0, "{\"0\":" A "}", OURS("\"0\":" A) },
	{ "the job was restarted", OURS("\"0\":" B ",\"1\":" A), 1, "{\"0\":" A "}",
		RUN("1", "\"0\":" A) },
	{ "the same run", RUN("2", "\"0\":" A), 2, "{\"1\":" A "}",
		RUN("2", "\"0\":" A ",\"1\":" A) },
	{ "no entries", OURS("\"0\":" A), 0, "{}", OURS("\"0\":" A) },
};

START_TEST(entries_are_merged)
{
	for (size_t i = 0; i < COUNT(merges); i++) {
		json_t *got = merged(merges[i].text, merges[i].restart, merges[i].entries);
		json_t *want = json(merges[i].want);
		char *text = json_dumps(got, JSON_COMPACT);

		ck_assert_msg(json_equal(got, want), "%s: %s", merges[i].what, text);
		free(text);
		json_decref(got);
		json_decref(want);
	}
}
END_TEST

START_TEST(foreign_text_is_left_alone)
{
	static const char *const foreign[] = { "JS1:H4sIAAAA",
		"JS1:H4sIAAA=", "JS1:H4sIAA==", "plain text", "5", "null", "true", "\"text\"",
		"[1]", "{\"a\":1", "{\"a\":1} b", "{\"a\":1,\"a\":2}", " ", "{'a':1}" };
	struct job_steps one = steps("{\"0\":" A "}");

	for (size_t i = 0; i < COUNT(foreign); i++) {
		char *out = (char *)1;

		ck_assert_msg(
			job_field_merge(foreign[i], 0, &one, &out) == -EEXIST, "%s", foreign[i]);
		ck_assert_ptr_eq(out, (char *)1);
		ck_assert_msg(!job_field_holds(foreign[i], 0, &one), "%s", foreign[i]);
	}
	job_steps_clear(&one);
}
END_TEST

/* n steps of growing size; the flags are on the small ones with an even number. */
static struct job_steps many(unsigned first, unsigned n)
{
	struct job_steps all = { 0 };

	for (unsigned i = first; i < first + n; i++) {
		struct job_step step = {
			.nodes = 1,
			.reported = 1,
			.peak = (uint64_t)i << 30,
			.limit = UNKNOWN,
			.rss = (uint64_t)i << 31,
			.store = (uint64_t)i << 20,
			.oom = i < 8 && i % 2 == 0 ? VERDICT_RSS_ONLY : VERDICT_NONE,
		};

		snprintf(step.step, sizeof(step.step), "%u", i);
		ck_assert_int_eq(job_steps_append(&all, &step), 0);
	}
	return all;
}

static json_t *steps_of(const json_t *field)
{
	return json_object_get(json_object_get(field, JOB_FIELD_KEY), "steps");
}

static json_int_t total(const json_t *field, const char *key)
{
	return json_integer_value(json_object_get(
		json_object_get(json_object_get(field, JOB_FIELD_KEY), "totals"), key));
}

START_TEST(beyond_two_kilobytes_the_ten_worst_and_totals_stay)
{
	struct job_steps all = many(0, 200);
	json_t *field;
	char *out = NULL;

	ck_assert_int_eq(job_field_merge("{\"site\":1}", 0, &all, &out), 0);
	field = json(out);
	ck_assert_uint_le(strlen(out), JOB_FIELD_SIZE + strlen("{\"site\":1,\"ray_pss\":}"));
	SAME("steps", json_object_size(steps_of(field)), 10);
	/* Flags first, then by size. */
	for (unsigned i = 0; i < 8; i += 2)
		ck_assert_ptr_nonnull(
			json_object_get(steps_of(field), (char[]){ (char)('0' + i), 0 }));
	for (unsigned i = 194; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		ck_assert_msg(json_object_get(steps_of(field), name) != NULL, "%s", name);
	}
	SAME("totals", total(field, "steps"), 200);
	SAME("totals", total(field, "peak"), 199ULL << 30);
	SAME("totals", total(field, "rss"), 199ULL << 31);
	ck_assert(job_field_holds(out, 0, &all));
	json_decref(field);
	job_steps_clear(&all);
	free(out);
}
END_TEST

START_TEST(totals_never_shrink_within_a_run)
{
	struct job_steps all = many(0, 200), few = many(190, 3);
	json_t *field;
	char *one = NULL, *two = NULL, *three = NULL;

	ck_assert_int_eq(job_field_merge(NULL, 0, &all, &one), 0);
	ck_assert_int_eq(job_field_merge(one, 0, &few, &two), 0);
	field = json(two);
	SAME("totals", total(field, "steps"), 200);
	SAME("totals", total(field, "peak"), 199ULL << 30);
	json_decref(field);
	/* The next run begins anew. */
	ck_assert_int_eq(job_field_merge(two, 1, &few, &three), 0);
	field = json(three);
	SAME("steps", json_object_size(steps_of(field)), 3);
	ck_assert_ptr_null(json_object_get(json_object_get(field, JOB_FIELD_KEY), "totals"));
	json_decref(field);
	job_steps_clear(&all);
	job_steps_clear(&few);
	free(one);
	free(two);
	free(three);
}
END_TEST

START_TEST(steps_that_were_left_out_before_are_in_the_totals)
{
	struct job_steps few = many(190, 3);
	json_t *field;
	char *out = NULL;

	/* As a summary gives them: the worst steps of more. */
	few.totals = (struct job_totals){ 500, (uint64_t)900 << 30, (uint64_t)901 << 30 };
	ck_assert_int_eq(job_field_merge(NULL, 0, &few, &out), 0);
	field = json(out);
	SAME("steps", json_object_size(steps_of(field)), 3);
	SAME("totals", total(field, "steps"), 500);
	SAME("totals", total(field, "peak"), 900ULL << 30);
	SAME("totals", total(field, "rss"), 901ULL << 30);
	ck_assert(job_field_holds(out, 0, &few));
	json_decref(field);
	job_steps_clear(&few);
	free(out);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	struct job_steps all = { 0 };
	char *out = NULL;

	for (int i = 0; i < 12; i++) {
		struct job_step step = { .nodes = INT64_MAX,
			.reported = INT64_MAX,
			.peak = INT64_MAX,
			.limit = INT64_MAX,
			.rss = INT64_MAX,
			.store = INT64_MAX };

		snprintf(step.step, sizeof(step.step), "%031d", i);
		ck_assert_int_eq(job_steps_append(&all, &step), 0);
	}
	ck_assert_int_eq(job_field_merge(NULL, 0, &all, &out), -E2BIG);
	ck_assert_ptr_null(out);
	job_steps_clear(&all);
}
END_TEST

/* Names of nodes may be long: figures go before them. */
START_TEST(names_of_nodes_go_where_there_is_no_room)
{
	struct job_steps all = { 0 };
	char *out = NULL;

	for (int i = 0; i < 10; i++) {
		struct job_step step = {
			.nodes = 1, .reported = 1, .peak = 1, .oom = VERDICT_KERNEL
		};

		snprintf(step.step, sizeof(step.step), "%d", i);
		memset(step.oom_node, 'n', sizeof(step.oom_node) - 1);
		ck_assert_int_eq(job_steps_append(&all, &step), 0);
	}
	ck_assert_int_eq(job_field_merge(NULL, 0, &all, &out), 0);
	ck_assert_uint_le(strlen(out), JOB_FIELD_SIZE + 20);
	ck_assert(strstr(out, "\"9\"") && strstr(out, "kernel") && !strstr(out, "nnn"));
	job_steps_clear(&all);
	free(out);
}
END_TEST

/* begin, then part n times, then end. */
static char *repeated(const char *begin, const char *part, size_t n, const char *end)
{
	size_t size = strlen(begin) + n * strlen(part) + strlen(end) + 1;
	char *text = malloc(size), *p = text;

	ck_assert_ptr_nonnull(text);
	p = stpcpy(p, begin);
	for (size_t i = 0; i < n; i++)
		p = stpcpy(p, part);
	strcpy(p, end);
	return text;
}

/* A user may have written the text (comment, extra, or AdminComment by a privileged tool). */
static const struct {
	const char *what, *begin, *part;
	size_t n;
	const char *end;
	int rc;
} hostile[] = {
	{ "arrays, 100,000 deep", "{\"a\":", "[", 100000, "", -EEXIST },
	{ "objects, 100,000 deep", "", "{\"a\":", 100000, "", -EEXIST },
	{ "arrays, 1 MiB deep", "{\"a\":", "[", 1024 * 1024 - 8, "", -EEXIST },
	{ "longer than 1 MiB", "{\"a\":\"", "x", 1024 * 1024, "\"}", -EEXIST },
	{ "nearly 1 MiB", "{\"a\":\"", "x", 1024 * 1024 - 4096, "\"}", 0 },
	{ "200,000 numbers", "{\"a\":[1", ",1", 200000, "]}", 0 },
	{ "as many steps", "{\"ray_pss\":{\"v\":1,\"steps\":{\"x\":0", ",\"x\":0", 100000, "}}}",
		-EEXIST },
	{ "a number without end", "{\"a\":", "9", 100000, "}", -EEXIST },
};

START_TEST(a_hostile_text_is_refused_or_kept)
{
	struct job_steps entries = steps("{\"0\":" A "}");
	char *out = NULL,
	     *text = repeated(hostile[_i].begin, hostile[_i].part, hostile[_i].n, hostile[_i].end);
	int rc = job_field_merge(text, 0, &entries, &out);

	ck_assert_msg(rc == hostile[_i].rc, "%s: %d", hostile[_i].what, rc);
	ck_assert(rc || job_field_holds(out, 0, &entries));
	free(out);
	free(text);
	job_steps_clear(&entries);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("field");

	tcase_add_test(tc, entries_are_merged);
	tcase_add_test(tc, foreign_text_is_left_alone);
	tcase_add_test(tc, beyond_two_kilobytes_the_ten_worst_and_totals_stay);
	tcase_add_test(tc, totals_never_shrink_within_a_run);
	tcase_add_test(tc, steps_that_were_left_out_before_are_in_the_totals);
	tcase_add_test(tc, what_does_not_fit_is_refused);
	tcase_add_test(tc, names_of_nodes_go_where_there_is_no_room);
	tcase_add_loop_test(tc, a_hostile_text_is_refused_or_kept, 0, COUNT(hostile));
	return unit_run();
}

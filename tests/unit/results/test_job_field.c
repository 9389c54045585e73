/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/job_field.h"
#include "tests/unit/unit.h"

static json_t *json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	ck_assert_msg(value != NULL, "%s: %s", text, error.text);
	return value;
}

/* What becomes of text, as JSON. */
static json_t *merged(const char *text, uint32_t restart, const char *entries)
{
	json_t *e = json(entries), *field;
	char *out = NULL;

	ck_assert_msg(field_merge(text, restart, e, &out) == 0, "%s", text ? text : "nothing");
	field = json(out);
	ck_assert_msg(field_holds(out, restart, e), "not idempotent: %s", out);
	free(out);
	json_decref(e);
	return field;
}

#define A "{\"nodes\":1,\"reported\":1,\"peak\":10,\"oom\":\"none\"}"
#define B "{\"nodes\":4,\"reported\":2,\"peak\":20,\"oom\":\"near\"}"
#define B_OLDER "{\"nodes\":4,\"reported\":1,\"peak\":15,\"oom\":\"none\"}"
#define OURS(steps) "{\"ray_pss\":{\"v\":1,\"steps\":{" steps "}}}"
#define RUN(n, steps) "{\"ray_pss\":{\"v\":1,\"restart\":" n ",\"steps\":{" steps "}}}"

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
		"{\"0\":{\"nodes\":1,\"reported\":1,\"peak\":11,\"oom\":\"none\"}}",
		OURS("\"0\":{\"nodes\":1,\"reported\":1,\"peak\":11,\"oom\":\"none\"}") },
	{ "another node's view, smaller", OURS("\"0\":" B_OLDER), 0,
		"{\"0\":{\"nodes\":4,\"reported\":1,\"peak\":14,\"oom\":\"none\"}}",
		OURS("\"0\":" B_OLDER) },
	{ "another node's view, greater",
		OURS("\"0\":{\"nodes\":4,\"reported\":1,\"peak\":14,\"oom\":\"none\"}"), 0,
		"{\"0\":" B_OLDER "}", OURS("\"0\":" B_OLDER) },
	{ "another node's view, with a flag", OURS("\"0\":" B_OLDER), 0,
		"{\"0\":{\"nodes\":4,\"reported\":1,\"peak\":14,\"oom\":\"near\"}}",
		OURS("\"0\":{\"nodes\":4,\"reported\":1,\"peak\":14,\"oom\":\"near\"}") },
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
	json_t *entries = json("{\"0\":" A "}");

	for (size_t i = 0; i < COUNT(foreign); i++) {
		char *out = (char *)1;

		ck_assert_msg(
			field_merge(foreign[i], 0, entries, &out) == -EEXIST, "%s", foreign[i]);
		ck_assert_ptr_eq(out, (char *)1);
		ck_assert_msg(!field_holds(foreign[i], 0, entries), "%s", foreign[i]);
	}
	json_decref(entries);
}
END_TEST

/* n steps of growing size; the flags are on the small ones with an even number. */
static json_t *many(unsigned first, unsigned n)
{
	json_t *entries = json_object();

	for (unsigned i = first; i < first + n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		json_object_set_new(entries, name,
			json_pack("{s:i,s:i,s:I,s:n,s:I,s:I,s:s}", "nodes", 1, "reported", 1,
				"peak", (json_int_t)i << 30, "limit", "rss", (json_int_t)i << 31,
				"store", (json_int_t)i << 20, "oom",
				i < 8 && i % 2 == 0 ? "rss-only" : "none"));
	}
	return entries;
}

static json_t *steps_of(const json_t *field)
{
	return json_object_get(json_object_get(field, FIELD_KEY), "steps");
}

static json_int_t total(const json_t *field, const char *key)
{
	return json_integer_value(
		json_object_get(json_object_get(json_object_get(field, FIELD_KEY), "totals"), key));
}

START_TEST(beyond_two_kilobytes_the_ten_worst_and_totals_stay)
{
	json_t *entries = many(0, 200), *field;
	char *out = NULL;

	ck_assert_int_eq(field_merge("{\"site\":1}", 0, entries, &out), 0);
	field = json(out);
	ck_assert_uint_le(strlen(out), FIELD_SIZE + strlen("{\"site\":1,\"ray_pss\":}"));
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
	ck_assert(field_holds(out, 0, entries));
	json_decref(field);
	json_decref(entries);
	free(out);
}
END_TEST

START_TEST(totals_never_shrink_within_a_run)
{
	json_t *all = many(0, 200), *few = many(190, 3), *field;
	char *one = NULL, *two = NULL, *three = NULL;

	ck_assert_int_eq(field_merge(NULL, 0, all, &one), 0);
	ck_assert_int_eq(field_merge(one, 0, few, &two), 0);
	field = json(two);
	SAME("totals", total(field, "steps"), 200);
	SAME("totals", total(field, "peak"), 199ULL << 30);
	json_decref(field);
	/* The next run begins anew. */
	ck_assert_int_eq(field_merge(two, 1, few, &three), 0);
	field = json(three);
	SAME("steps", json_object_size(steps_of(field)), 3);
	ck_assert_ptr_null(json_object_get(json_object_get(field, FIELD_KEY), "totals"));
	json_decref(field);
	json_decref(all);
	json_decref(few);
	free(one);
	free(two);
	free(three);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	char name[300];
	json_t *entries = json_object();
	char *out = NULL;

	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "%0299d", i);
		json_object_set_new(entries, name, json_pack("{s:i}", "peak", i));
	}
	ck_assert_int_eq(field_merge(NULL, 0, entries, &out), -E2BIG);
	ck_assert_ptr_null(out);
	json_decref(entries);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("field");

	tcase_add_test(tc, entries_are_merged);
	tcase_add_test(tc, foreign_text_is_left_alone);
	tcase_add_test(tc, beyond_two_kilobytes_the_ten_worst_and_totals_stay);
	tcase_add_test(tc, totals_never_shrink_within_a_run);
	tcase_add_test(tc, what_does_not_fit_is_refused);
	return unit_run();
}

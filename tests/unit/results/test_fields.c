/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <string.h>

#include "results/fields.h"
#include "results/job_node.h"
#include "results/record.h"
#include "tests/unit/accounted.h"
#include "tests/unit/unit.h"

static void begin(void)
{
	accounted_begin();
	a.peak.kernel = 5;
	a.peak.swap = 6;
	a.peak.fallback = UNKNOWN;
	a.last = a.peak;
	a.last.at_ns = 5 * NS_PER_S + 250 * NS_PER_MS;
}

START_TEST(a_step_without_a_look_knows_nothing)
{
	unsigned figures = 0;
	json_t *r;

	account_init(&a, UNKNOWN, NS_PER_S);
	info.ended = info.with_series = false;
	r = record_json(&info, &a, NULL);
	for (const struct field *f = fields; f->name; f++) {
		if (f->unit != FIELD_BYTES)
			continue;
		ck_assert_msg(json_is_null(field_get(r, f->name)), "%s", f->name);
		figures++;
	}
	ck_assert_uint_ge(figures, 15);
	ck_assert(json_is_null(field_get(r, "inflation")) &&
		json_is_null(field_get(r, "peak.pss_at")));
	ck_assert(json_is_null(field_get(r, "pressure")) && json_is_null(field_get(r, "numa")));
	ck_assert(json_is_null(field_get(r, "end.code")) && json_is_null(field_get(r, "end.at")));
	json_decref(r);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	const struct record source = { &info, &a, &a.peak, NULL };
	unsigned kept = 0;

	for (int ended = 0; ended < 3; ended++) {
		struct job_node back;
		json_t *r;

		info.ended = ended > 0;
		info.signalled = ended > 1;
		info.status = ended > 1 ? SIGKILL : 3;
		info.ended_s = 4711;
		r = record_json(&info, &a, NULL);
		ck_assert_int_eq(job_node_read(r, &back), 0);
		for (const struct field *f = fields; f->name; f++) {
			const uint64_t *value = (const uint64_t *)((char *)&back + f->kept);

			if (!f->kept)
				continue;
			SAME(f->name, *value, field_figure(f, &source));
			kept++;
		}
		ck_assert_str_eq(back.step, "0");
		ck_assert_str_eq(back.node, "n1");
		SAME("objects", back.objects_n, 1);
		SAME("object", back.objects[0].ino, 306);
		job_node_clear(&back);
		json_decref(r);
	}
	ck_assert_uint_ge(kept, 3 * 20);
}
END_TEST

START_TEST(each_row_of_the_table_has_one_source)
{
	for (const struct field *f = fields; f->name; f++) {
		SAME(f->name, (f->size != 0) + (f->figure != NULL) + (f->print != NULL), 1);
		SAME(f->name, f->unit == FIELD_OTHER, f->print != NULL);
		SAME(f->name, f->unit == FIELD_WORD || f->unit == FIELD_WORD_OR_FALSE,
			f->word != NULL);
		ck_assert_msg(
			!f->size || f->size == 1 || f->size == 4 || f->size == 8, "%s", f->name);
		ck_assert_ptr_eq(field_find(f->name), f);
	}
	ck_assert_ptr_null(field_find("peak"));
}
END_TEST

START_TEST(a_blocks_members_are_found_by_their_names)
{
	json_t *object = json_object();

	field_set(object, "peak.rss", json_integer(1));
	field_set(object, "peak.pss", json_integer(2));
	field_set(object, "limit", json_integer(3));
	SAME("members", json_object_size(object), 2);
	SAME("rss", json_integer_value(field_get(object, "peak.rss")), 1);
	SAME("pss", json_integer_value(field_get(object, "peak.pss")), 2);
	SAME("limit", json_integer_value(field_get(object, "limit")), 3);
	ck_assert_ptr_null(field_get(object, "limit.x"));
	ck_assert_ptr_null(field_get(object, "cost.samples"));
	json_decref(object);
}
END_TEST

START_TEST(how_maxrss_was_corrected_is_a_word_or_false)
{
	const struct field *f = field_find("corrected");
	const enum corrected all[] = { CORRECTED_NO, CORRECTED_PSS, CORRECTED_EXACT };
	json_t *json;

	for (size_t i = 0; i < 3; i++) {
		json = field_json(f, all[i]);
		ck_assert_int_eq(json_is_false(json), all[i] == CORRECTED_NO);
		SAME("read back", field_read(f, json), all[i]);
		json_decref(json);
	}
	SAME("an older record", field_read(f, json_true()), CORRECTED_PSS);
	json = json_string("better");
	SAME("a later record", field_read(f, json), UNKNOWN);
	json_decref(json);
	SAME("no word", field_read(f, json_null()), UNKNOWN);
}
END_TEST

START_TEST(figures_are_told_in_words)
{
	char text[FIELD_TEXT];

	ck_assert_str_eq(field_text(field_find("limit"), UNKNOWN, MIB, text), "unknown");
	ck_assert_str_eq(field_text(field_find("limit"), GIB, UNKNOWN, text), "1.00 GiB");
	ck_assert_str_eq(field_text(field_find("limit"), GIB, MIB, text), "1024 MiB");
	ck_assert_str_eq(field_text(field_find("peak.processes"), 12, MIB, text), "12");
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("fields");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_step_without_a_look_knows_nothing);
	tcase_add_test(tc, what_is_written_is_read_back);
	tcase_add_test(tc, each_row_of_the_table_has_one_source);
	tcase_add_test(tc, a_blocks_members_are_found_by_their_names);
	tcase_add_test(tc, how_maxrss_was_corrected_is_a_word_or_false);
	tcase_add_test(tc, figures_are_told_in_words);
	return unit_run();
}

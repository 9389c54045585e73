/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "measure/procfs/file_ranges.h"
#include "tests/unit/unit.h"

/* Up to four parts, and what they have together. */
static const struct {
	const char *what;
	struct file_range rows[4]; /* device, inode, start, end, bytes */
	uint64_t bytes;
} tables[] = {
	{ "nothing", { { 0 } }, 0 },
	{ "equal parts", { { 1, 7, 0, 96, 96, 0 }, { 1, 7, 0, 96, 96, 0 } }, 96 },
	{ "equal parts, one not all there", { { 1, 7, 0, 96, 32, 0 }, { 1, 7, 0, 96, 40, 0 } },
		40 },
	{ "parts side by side", { { 1, 7, 0, 48, 48, 0 }, { 1, 7, 48, 96, 48, 0 } }, 96 },
	{ "a gap between them", { { 1, 7, 64, 96, 32, 0 }, { 1, 7, 0, 32, 32, 0 } }, 64 },
	{ "parts that overlap", { { 1, 7, 0, 64, 64, 0 }, { 1, 7, 32, 96, 64, 0 } }, 96 },
	{ "a part in another", { { 1, 7, 0, 96, 96, 0 }, { 1, 7, 32, 64, 32, 0 } }, 96 },
	{ "a part in another that is not all there",
		{ { 1, 7, 0, 96, 16, 0 }, { 1, 7, 32, 64, 32, 0 } }, 48 },
	{ "behind a part in another",
		{ { 1, 7, 0, 96, 96, 0 }, { 1, 7, 0, 32, 32, 0 }, { 1, 7, 64, 128, 64, 0 } }, 128 },
	{ "other files", { { 1, 7, 0, 8, 8, 0 }, { 1, 8, 0, 8, 8, 0 }, { 2, 7, 0, 8, 8, 0 } }, 24 },
	{ "more resident than long", { { 1, 7, 0, 8, 9, 0 }, { 1, 8, 0, 8, 8, 0 } }, 17 },
};

START_TEST(each_byte_of_a_file_counts_once)
{
	for (size_t i = 0; i < COUNT(tables); i++) {
		struct file_ranges f = { 0 };

		for (size_t k = 0; k < COUNT(tables[i].rows); k++)
			if (tables[i].rows[k].end)
				file_ranges_note(&f, &tables[i].rows[k]);
		file_ranges_expire(&f, 0);
		SAME(tables[i].what, f.bytes, tables[i].bytes);
		file_ranges_clear(&f);
	}
}
END_TEST

START_TEST(parts_that_were_not_noted_again_are_forgotten)
{
	struct file_range a = { 1, 7, 0, 48, 48, 1 }, b = { 1, 7, 48, 96, 48, 1 };
	struct file_ranges f = { 0 };

	file_ranges_note(&f, &a);
	file_ranges_note(&f, &b);
	file_ranges_expire(&f, 1);
	ck_assert_uint_eq(f.bytes, 96);
	a.seen_ns = 5;
	a.bytes = 40;
	file_ranges_note(&f, &a);
	file_ranges_expire(&f, 2);
	ck_assert_uint_eq(f.bytes, 40);
	/* Nothing was noted since. */
	file_ranges_expire(&f, 5);
	ck_assert_uint_eq(f.bytes, 40);
	file_ranges_expire(&f, 6);
	ck_assert_uint_eq(f.bytes, 0);
	ck_assert_uint_eq(f.n, 0);
	file_ranges_clear(&f);
}
END_TEST

START_TEST(a_part_lives_as_long_as_somebody_notes_it)
{
	struct file_range first = { 1, 7, 0, 8, 8, 9 }, second = { 1, 7, 0, 8, 4, 3 };
	struct file_ranges f = { 0 };

	file_ranges_note(&f, &first);
	file_ranges_note(&f, &second);
	file_ranges_expire(&f, 0);
	file_ranges_expire(&f, 9);
	ck_assert_uint_eq(f.bytes, 8);
	file_ranges_clear(&f);
}
END_TEST

/* More parts than there is room for, noted again and again. */
START_TEST(what_has_no_room_is_counted)
{
	enum { ROOM = 8192, MORE = 100 };
	struct file_ranges f = { 0 };

	for (uint64_t round = 1; round < 4; round++) {
		for (uint64_t i = 0; i < ROOM + MORE; i++)
			file_ranges_note(
				&f, &(struct file_range){ 1, 7, 2 * i, 2 * i + 1, 1, round });
		ck_assert_uint_eq(f.left_out, MORE);
		file_ranges_expire(&f, round);
		ck_assert_uint_eq(f.bytes, ROOM);
		ck_assert_uint_eq(f.left_out, 0);
	}
	file_ranges_expire(&f, 9);
	ck_assert_uint_eq(f.bytes, 0);
	/* The same few parts take no room, however often they are noted. */
	for (uint64_t i = 0; i < 3 * ROOM; i++)
		file_ranges_note(&f, &(struct file_range){ 1, 7, i % 9, i % 9 + 1, 1, 10 });
	ck_assert_uint_eq(f.left_out, 0);
	file_ranges_expire(&f, 10);
	ck_assert_uint_eq(f.bytes, 9);
	file_ranges_clear(&f);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("file_ranges");

	tcase_add_test(tc, each_byte_of_a_file_counts_once);
	tcase_add_test(tc, parts_that_were_not_noted_again_are_forgotten);
	tcase_add_test(tc, a_part_lives_as_long_as_somebody_notes_it);
	tcase_add_test(tc, what_has_no_room_is_counted);
	return unit_run();
}

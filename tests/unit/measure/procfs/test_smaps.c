/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "measure/procfs/pid_parse.h"
#include "tests/unit/unit.h"

static void smaps_is(const char *row, const struct smaps *got, const struct smaps *want)
{
	SAME(row, got->rss, want->rss);
	SAME(row, got->pss, want->pss);
	SAME(row, got->pss_anon, want->pss_anon);
	SAME(row, got->anonymous, want->anonymous);
	SAME(row, got->pss_shmem, want->pss_shmem);
	SAME(row, got->uss, want->uss);
	SAME(row, got->lazyfree, want->lazyfree);
}

static const struct {
	const char *file;
	struct smaps want;
} files[] = {
	{ "linux-6.18/smaps_rollup",
		{ .rss = 21924 * KIB,
			.pss = 18795 * KIB,
			.pss_anon = 2160 * KIB,
			.anonymous = 4288 * KIB,
			.pss_shmem = 16384 * KIB,
			.uss = 16612 * KIB } },
	/* No Pss_Anon: by the part of RSS that is anonymous, 10 of 12 GiB. */
	{ "linux-4.18/smaps_rollup",
		{ .rss = 12 * GIB, .pss = 6 * GIB, .pss_anon = 5 * GIB, .anonymous = 10 * GIB } },
	/* No rollup at all, but the same for each mapping: here only the heap is anonymous. */
	{ "linux-3.10/smaps",
		{ .rss = 3600 * KIB,
			.pss = 1916 * KIB,
			.pss_anon = 1500 * KIB,
			.anonymous = 2000 * KIB,
			.uss = 1000 * KIB } },
};

START_TEST(figures_of_real_kernels_are_understood)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		struct text t = text_of_fixture(files[i].file);
		struct smaps sum = { 0 };

		SAME(files[i].file, smaps_add(t.data, t.len, &sum), 0);
		smaps_is(files[i].file, &sum, &files[i].want);
		text_free(&t);
	}
}
END_TEST

START_TEST(the_mappings_add_up_to_the_rollup)
{
	struct text smaps = text_of_fixture("linux-6.18/smaps");
	struct text rollup = text_of_fixture("linux-6.18/smaps_rollup");
	struct smaps sum = { 0 }, want = { 0 };

	ck_assert_int_eq(smaps_add(smaps.data, smaps.len, &sum), 0);
	ck_assert_int_eq(smaps_add(rollup.data, rollup.len, &want), 0);
	ck_assert_uint_eq(sum.rss, want.rss);
	ck_assert_uint_eq(sum.uss, want.uss);
	ck_assert_uint_eq(sum.anonymous, want.anonymous);
	/* The kernel rounds each of 33 mappings down to a KiB. */
	ck_assert_uint_le(sum.pss, want.pss);
	ck_assert_uint_gt(sum.pss, want.pss - 33 * KIB);
	ck_assert_uint_le(sum.pss_anon, want.pss_anon + 33 * KIB);
	ck_assert_uint_gt(sum.pss_anon, want.pss_anon - 66 * KIB);
	text_free(&smaps);
	text_free(&rollup);
}
END_TEST

START_TEST(pieces_add_up_to_the_whole)
{
	static const char last[] = "\nVmFlags:";
	struct text t = text_of_fixture("linux-6.18/smaps");
	struct smaps whole = { 0 }, sum = { 0 };
	const char *end = t.data + t.len, *p = t.data;
	unsigned pieces = 0;

	ck_assert_int_eq(smaps_add(t.data, t.len, &whole), 0);
	while (p < end) {
		const char *flags = memmem(p, (size_t)(end - p), last, sizeof(last) - 1);
		const char *stop = memchr(flags + 1, '\n', (size_t)(end - flags - 1));
		struct text piece = text_of(p, (size_t)(stop + 1 - p));

		ck_assert_int_eq(smaps_add(piece.data, piece.len, &sum), 0);
		text_free(&piece);
		p = stop + 1;
		pieces++;
	}
	ck_assert_uint_eq(pieces, 33);
	smaps_is("pieces", &sum, &whole);
	text_free(&t);
}
END_TEST

static const struct {
	const char *what, *text;
	int rc;
	struct smaps want;
} rows[] = {
	{ "keys that only begin like ours", "PssX: 1 kB\nXPss: 1 kB\nPss_Dirty: 1 kB\nRs: 1 kB\n",
		0, { 0 } },
	{ "a key twice adds up", "Private_Clean: 1 kB\nPrivate_Dirty: 2 kB\n", 0,
		{ .uss = 3 * KIB } },
	{ "given back lazily", "Rss: 8 kB\nLazyFree: 4 kB\n", 0,
		{ .rss = 8 * KIB, .lazyfree = 4 * KIB } },
	{ "no newline at the end", "Rss: 8 kB\nPss: 4 kB", 0, { .rss = 8 * KIB, .pss = 4 * KIB } },
	{ "no anonymous memory, no RSS", "Rss: 0 kB\nPss: 0 kB\nAnonymous: 0 kB\n", 0, { 0 } },
	{ "Pss_Anon of nothing is known all the same", "Rss: 4 kB\nPss_Anon: 0 kB\n", 0,
		{ .rss = 4 * KIB } },
	{ "terabytes do not overflow",
		"Rss: 8589934592 kB\nPss: 4294967296 kB\nAnonymous: 4294967296 kB\n", 0,
		{ .rss = 8192 * GIB,
			.pss = 4096 * GIB,
			.anonymous = 4096 * GIB,
			.pss_anon = 2048 * GIB } },
	{ "a key without a number", "Rss: 4 kB\nPss: lots kB\n", -EINVAL, { 0 } },
	{ "a number beyond 64 bits", "Rss: 99999999999999999999 kB\n", -EINVAL, { 0 } },
	{ "a size beyond 64 bits", "Pss: 18014398509481984 kB\n", -EINVAL, { 0 } },
	{ "cut behind a key", "Rss: 4 kB\nPss:", -EINVAL, { 0 } },
	{ "a negative number", "Pss: -1 kB\n", -EINVAL, { 0 } },
	{ "garbage", "\377\376:\n\n::\n", 0, { 0 } },
	{ "nothing", "", 0, { 0 } },
};

START_TEST(what_cannot_be_understood_leaves_the_sum_alone)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text t = text_of(rows[i].text, strlen(rows[i].text));
		struct smaps sum = { 0 };

		SAME(rows[i].what, smaps_add(t.data, t.len, &sum), rows[i].rc);
		smaps_is(rows[i].what, &sum, &rows[i].want);
		text_free(&t);
	}
}
END_TEST

START_TEST(a_path_that_looks_like_a_figure_is_a_path)
{
	/* In the fixture a program is called "Rss: 1 kB"; the kernel writes newlines as \012. */
	static const char text[] =
		"00400000-00410000 r-xp 00000000 fd:00 134300     /tmp/\\012Pss: 1 kB\nPss: 8 kB\n";
	struct text t = text_of(text, sizeof(text) - 1);
	struct smaps sum = { 0 };

	ck_assert_int_eq(smaps_add(t.data, t.len, &sum), 0);
	ck_assert_uint_eq(sum.pss, 8 * KIB);
	text_free(&t);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("smaps");

	tcase_add_test(tc, figures_of_real_kernels_are_understood);
	tcase_add_test(tc, the_mappings_add_up_to_the_rollup);
	tcase_add_test(tc, pieces_add_up_to_the_whole);
	tcase_add_test(tc, what_cannot_be_understood_leaves_the_sum_alone);
	tcase_add_test(tc, a_path_that_looks_like_a_figure_is_a_path);
	return unit_run();
}

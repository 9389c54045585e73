/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live figures: what they say about growth, headroom and level, and that their length stays. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "results/live_text.h"
#include "tests/unit/unit.h"

static struct account a;
static struct live_text text;
static char buf[LIVE_TEXT_SIZE];

static void begin(uint64_t limit)
{
	account_init(&a, limit, NS_PER_S);
	text = (struct live_text){ 0 };
}

/* A sample after so many ms with that much private memory, and the text for it. */
static size_t sample(uint64_t ms, uint64_t mib, uint64_t file_mib)
{
	struct look look = { .limit = a.limit, .bound = UNKNOWN, .left.bytes = UNKNOWN };

	look.at_ns = NS_PER_S + ms * NS_PER_MS;
	look.sample = sample_unknown(look.at_ns);
	look.sample.processes = 1;
	look.sample.private = mib * MIB;
	look.sample.file = file_mib * MIB;
	account_add(&a, &look);
	return live_text_make(&text, &a, buf);
}

/* The number of a key in the text; UNKNOWN for "-". */
static uint64_t figure(const char *key)
{
	char wanted[32], word[24];
	uint64_t value = UNKNOWN;
	const char *at;

	snprintf(wanted, sizeof(wanted), "\n%s ", key);
	at = strstr(buf, wanted);
	ck_assert_msg(at, "no %s in %s", key, buf);
	ck_assert_int_eq(sscanf(at + strlen(wanted), "%23s", word), 1);
	if (strcmp(word, "-") != 0)
		ck_assert_int_eq(sscanf(word, "%" SCNu64, &value), 1);
	return value;
}

START_TEST(levels)
{
	static const struct {
		const char *what;
		uint64_t used;
		double growth;
		enum live_level level;
	} rows[] = {
		{ "below all parts", 79, 0, LIVE_CALM },
		{ "80 %", 80, 0, LIVE_RISING },
		{ "90 %", 90, 0, LIVE_HIGH },
		{ "95 %", 95, 0, LIVE_CRITICAL },
		{ "above the limit", 120, -5, LIVE_CRITICAL },
		{ "the limit in 10 s", 50, 5, LIVE_CALM },
		{ "in less than 10 s", 50, 5.1, LIVE_RISING },
		{ "in less than 3 s", 50, 17, LIVE_HIGH },
		{ "in less than 1 s", 50, 51, LIVE_CRITICAL },
		{ "shrinks", 79, -50, LIVE_CALM },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		SAME(rows[i].what, live_level_of(rows[i].used, 100, rows[i].growth), rows[i].level);
}
END_TEST

START_TEST(growth_headroom_and_level_follow_the_samples)
{
	begin(1000 * MIB);
	sample(0, 100, 50);
	ck_assert_uint_eq(figure("growth"), 0);
	ck_assert_uint_eq(figure("headroom"), 900 * MIB);
	ck_assert_uint_eq(figure("level"), LIVE_CALM);
	/* 100 MiB in a second: half of that, since growth is averaged over about a second. */
	sample(1000, 200, 50);
	ck_assert_uint_eq(figure("growth"), 50 * MIB);
	ck_assert_uint_eq(figure("headroom"), 800 * MIB);
	sample(11000, 200, 50);
	ck_assert_uint_lt(figure("growth"), 5 * MIB);
	/* What shrinks does not grow. */
	sample(12000, 100, 50);
	ck_assert_uint_eq(figure("growth"), 0);
	sample(13000, 1100, 50);
	ck_assert_uint_eq(figure("headroom"), 0);
	ck_assert_uint_eq(figure("level"), LIVE_CRITICAL);
}
END_TEST

START_TEST(mapped_files_count_where_slurm_counts_them)
{
	begin(1000 * MIB);
	text.with_file = true;
	sample(0, 700, 150);
	ck_assert_uint_eq(figure("headroom"), 150 * MIB);
	ck_assert_uint_eq(figure("level"), LIVE_RISING);
}
END_TEST

START_TEST(without_a_limit_headroom_and_level_are_not_known)
{
	begin(UNKNOWN);
	sample(0, 100, 0);
	ck_assert_uint_eq(figure("headroom"), UNKNOWN);
	ck_assert_uint_eq(figure("level"), UNKNOWN);
}
END_TEST

START_TEST(the_length_stays_and_both_sequences_are_equal)
{
	size_t none, length;
	unsigned first, last;

	begin(UNKNOWN);
	none = live_text_make(&text, &a, buf);
	ck_assert_uint_lt(none, LIVE_TEXT_SIZE - 64);
	ck_assert_uint_eq(figure("growth"), 0);
	length = sample(1000, UINT64_MAX / MIB / 2, 1);
	ck_assert_uint_eq(length, none);
	ck_assert_uint_eq(figure("growth"), 0);
	ck_assert_int_eq(sscanf(buf, "sequence %u", &first), 1);
	ck_assert_int_eq(sscanf(strrchr(buf, 'q') - 2, "sequence %u", &last), 1);
	ck_assert_uint_eq(first, 2);
	ck_assert_uint_eq(last, 2);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("live_text");

	tcase_add_test(tc, levels);
	tcase_add_test(tc, growth_headroom_and_level_follow_the_samples);
	tcase_add_test(tc, mapped_files_count_where_slurm_counts_them);
	tcase_add_test(tc, without_a_limit_headroom_and_level_are_not_known);
	tcase_add_test(tc, the_length_stays_and_both_sequences_are_equal);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What processes of one name took: who has a place of its own, and what counts for it. */
#include <stdio.h>

#include "base/units.h"
#include "tests/unit/account/account_rig.h"
#include "tests/unit/unit.h"

/* A name that has no digit, of two letters for each number. */
static const char *word(int i)
{
	static char text[16];

	snprintf(text, sizeof(text), "ray::f%c%c", 'a' + i / 26 % 26, 'a' + i % 26);
	return text;
}

START_TEST(processes_of_one_name_are_accounted_together)
{
	const struct account_profile *p;

	process(1, "ray::f()", 100 * MIB);
	process(2, "ray::f()", 100 * MIB);
	process(3, "ray::A.m()", 50 * MIB);
	process(4, "ray::A", 50 * MIB);
	process(5, "f", 10 * MIB);
	look(0, 310 * MIB, 0, GIB);
	look(1, 310 * MIB, 0, GIB);
	ck_assert_uint_eq(a.profiles_n, 3);
	p = profile("f", ROLE_TASK);
	ck_assert_uint_eq(p->processes, 2);
	ck_assert_uint_eq(p->together.peak, 200 * MIB);
	ck_assert_uint_eq(p->private.peak, 100 * MIB);
	ck_assert_uint_eq(p->private.weight, 2000);
	ck_assert_uint_eq(p->together.weight, 1000);
	ck_assert_uint_eq(profile("A", ROLE_ACTOR)->processes, 2);
	ck_assert_uint_eq(profile("f", ROLE_OTHER)->processes, 1);
	/* A quantile is never above the peak, and within a bucket of it here: a quarter octave. */
	ck_assert_uint_le(usage_quantile(&p->together, 0.95), p->together.peak);
	ck_assert_uint_ge(usage_quantile(&p->together, 0.95), p->together.peak * 9 / 10);
}
END_TEST

START_TEST(a_new_title_is_a_new_name_from_then_on)
{
	struct look_process *p = process(1, "ray::IDLE", 10 * MIB);

	look(0, 10 * MIB, 0, GIB);
	rename_to(p, "ray::f()");
	look(1, 10 * MIB, 0, GIB);
	look(2, 10 * MIB, 0, GIB);
	ck_assert_uint_eq(profile("IDLE", ROLE_IDLE)->together.weight, 0);
	ck_assert_uint_eq(profile("f", ROLE_TASK)->together.weight, 2000);
}
END_TEST

START_TEST(more_names_than_room_share_one_place)
{
	unsigned processes = 0;

	for (int i = 1; i <= 200; i++)
		process(i, word(i), MIB);
	look(0, 200 * MIB, 0, GIB);
	look(1, 200 * MIB, 0, GIB);
	ck_assert_uint_eq(a.profiles_n, ACCOUNT_PROFILES);
	for (uint32_t i = 0; i < a.profiles_n; i++)
		processes += a.profiles[i].processes;
	ck_assert_uint_eq(processes + a.other_names.processes, 200);
	ck_assert_uint_eq(a.other_names.together.peak, (200 - ACCOUNT_PROFILES) * MIB);
	ck_assert(account_is_sane(&a));
}
END_TEST

START_TEST(a_great_name_that_comes_late_takes_the_place_of_the_smallest)
{
	for (int i = 0; i < ACCOUNT_PROFILES; i++)
		process(i + 1, word(i), (10 + (uint64_t)i) * MIB);
	look(0, 1600 * MIB, 0, 4 * GIB);
	rows_n = 0;
	process(100, "ray::big", GIB);
	process(101, "ray::tiny", MIB);
	look(1, GIB + MIB, 0, 4 * GIB);
	ck_assert_uint_eq(profile("big", ROLE_TASK)->private.peak, GIB);
	ck_assert_uint_eq(profile("big", ROLE_TASK)->together.weight, 1000);
	for (int i = 1; i < ACCOUNT_PROFILES; i++)
		ck_assert_uint_eq(
			profile(word(i) + 5, ROLE_TASK)->private.peak, (10 + (uint64_t)i) * MIB);
	/* Both what gave up its place and what had none are in the sum of the others. */
	ck_assert_uint_eq(a.other_names.private.peak, 10 * MIB);
	ck_assert_uint_eq(a.other_names.together.weight, 1000);
}
END_TEST

START_TEST(many_processes_of_a_small_name_are_weighed_together)
{
	for (int i = 0; i < ACCOUNT_PROFILES; i++)
		process(i + 1, word(i), (10 + (uint64_t)i) * MIB);
	look(0, 1600 * MIB, 0, 4 * GIB);
	for (int i = 0; i < 5; i++)
		process(100 + i, "ray::many", 4 * MIB);
	look(1, 1620 * MIB, 0, 4 * GIB);
	ck_assert_uint_eq(profile("many", ROLE_TASK)->processes, 5);
}
END_TEST

START_TEST(names_that_differ_in_digits_become_one_when_they_are_many)
{
	char title[TITLE_SIZE];

	for (int i = 1; i <= PROFILE_ALIKE; i++) {
		snprintf(title, sizeof(title), "ray::fold-%d", 9 + i);
		process(i, title, MIB);
	}
	look(0, 8 * MIB, 0, GIB);
	ck_assert_uint_eq(a.profiles_n, PROFILE_ALIKE);
	ck_assert_uint_eq(profile("fold-10", ROLE_TASK)->processes, 1);
	process(100, "ray::fold-1", 2 * MIB);
	look(1, 10 * MIB, 0, GIB);
	ck_assert_uint_eq(a.profiles_n, 1);
	ck_assert_uint_eq(profile("fold-#", ROLE_TASK)->processes, 9);
	ck_assert_uint_eq(profile("fold-#", ROLE_TASK)->together.peak, 10 * MIB);
	ck_assert_uint_eq(profile("fold-#", ROLE_TASK)->private.peak, 2 * MIB);
	/* Nine processes for a second; before that none of the eight had lasted. */
	ck_assert_uint_eq(profile("fold-#", ROLE_TASK)->private.weight, 9000);
}
END_TEST

START_TEST(ten_thousand_names_keep_the_greatest)
{
	char title[TITLE_SIZE];

	for (int i = 0; i < 10000; i++) {
		rows_n = 0;
		snprintf(title, sizeof(title), "ray::%c%c%c", 'a' + i / 676 % 26, 'a' + i / 26 % 26,
			'a' + i % 26);
		process(1, title, i == 5000 ? GIB : MIB + (uint64_t)i % 7 * KIB);
		look((uint64_t)i, GIB, 0, 2 * GIB);
	}
	snprintf(title, sizeof(title), "%c%c%c", 'a' + 5000 / 676 % 26, 'a' + 5000 / 26 % 26,
		'a' + 5000 % 26);
	ck_assert_uint_eq(profile(title, ROLE_TASK)->private.peak, GIB);
	ck_assert(account_is_sane(&a));
}
END_TEST

START_TEST(what_a_worker_started_counts_for_the_worker)
{
	struct look_process *worker = process(1, "ray::f", 100 * MIB);
	struct look_process *child = process(2, "ray::f", 30 * MIB);

	worker->descendants = 30 * MIB;
	child->descendant = true;
	look(0, 130 * MIB, 0, GIB);
	look(1, 130 * MIB, 0, GIB);
	ck_assert_uint_eq(profile("f", ROLE_TASK)->processes, 1);
	ck_assert_uint_eq(profile("f", ROLE_TASK)->private.peak, 130 * MIB);
	ck_assert_uint_eq(profile("f", ROLE_TASK)->private.weight, 1000);
	ck_assert_uint_eq(profile("f", ROLE_TASK)->together.peak, 130 * MIB);
}
END_TEST

/* The accountant that goes on with an account makes other hashes of the same names. */
START_TEST(a_hash_of_an_earlier_accountant_means_nothing)
{
	uint64_t hash = process(1, "ray::f", MIB)->name_hash;

	look(0, MIB, 0, GIB);
	account_resume(&a);
	rows_n = 0;
	process(1, "ray::g", 2 * MIB)->name_hash = hash;
	look(1, 2 * MIB, 0, GIB);
	ck_assert_uint_eq(profile("f", ROLE_TASK)->private.peak, MIB);
	ck_assert_uint_eq(profile("g", ROLE_TASK)->private.peak, 2 * MIB);
}
END_TEST

START_TEST(names_in_one_place_of_the_cache_stay_apart)
{
	/* A hostile step: all hashes lead to the same place. */
	for (int i = 0; i < 40; i++) {
		process(i + 1, word(i), MIB);
		rows[i].name_hash = (uint64_t)(i + 1) * PROFILE_CACHE;
	}
	for (uint64_t at = 0; at < 3; at++)
		look(at, 40 * MIB, 0, GIB);
	ck_assert_uint_eq(a.profiles_n, 40);
	for (int i = 0; i < 40; i++) {
		SAME(word(i), profile(word(i) + 5, ROLE_TASK)->together.weight, 2000);
		SAME(word(i), profile(word(i) + 5, ROLE_TASK)->processes, 1);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account_profile");

	tcase_add_checked_fixture(tc, account_rig_begin, NULL);
	tcase_add_test(tc, processes_of_one_name_are_accounted_together);
	tcase_add_test(tc, a_new_title_is_a_new_name_from_then_on);
	tcase_add_test(tc, more_names_than_room_share_one_place);
	tcase_add_test(tc, a_great_name_that_comes_late_takes_the_place_of_the_smallest);
	tcase_add_test(tc, many_processes_of_a_small_name_are_weighed_together);
	tcase_add_test(tc, names_that_differ_in_digits_become_one_when_they_are_many);
	tcase_add_test(tc, ten_thousand_names_keep_the_greatest);
	tcase_add_test(tc, what_a_worker_started_counts_for_the_worker);
	tcase_add_test(tc, a_hash_of_an_earlier_accountant_means_nothing);
	tcase_add_test(tc, names_in_one_place_of_the_cache_stay_apart);
	return unit_run();
}

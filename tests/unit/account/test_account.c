/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "tests/unit/account/account_rig.h"
#include "tests/unit/unit.h"

START_TEST(a_new_account_knows_nothing)
{
	ck_assert_uint_eq(a.limit, UNKNOWN);
	ck_assert_uint_eq(a.bound, UNKNOWN);
	ck_assert_uint_eq(a.pss, UNKNOWN);
	ck_assert_uint_eq(a.uss, UNKNOWN);
	ck_assert_uint_eq(a.shr, UNKNOWN);
	/* Every size of a sample, a future one too: they stand from private to charged. */
	for (const uint64_t *size = &a.peak.private; size <= &a.peak.charged; size++)
		ck_assert_uint_eq(*size, UNKNOWN);
	ck_assert_uint_eq(a.peak.charged, UNKNOWN);
	ck_assert_uint_eq(a.last.charged, UNKNOWN);
	ck_assert_uint_eq(a.peak.processes, 0);
	ck_assert_uint_eq(a.samples, 0);
	ck_assert(account_is_sane(&a));
}
END_TEST

START_TEST(a_footprint_is_the_sum_of_what_is_known)
{
	ck_assert_uint_eq(
		sample_footprint(&(struct sample){
			.private = 1, .shared = 2, .kernel = 4, .swap = 8, .file = 16, .rss = 32 }),
		15);
	ck_assert_uint_eq(sample_footprint(&(struct sample){
				  .private = 1, .shared = UNKNOWN, .kernel = UNKNOWN, .swap = 8 }),
		9);
	ck_assert_uint_eq(sample_footprint(&(struct sample){ .private = UNKNOWN,
				  .shared = UNKNOWN,
				  .kernel = UNKNOWN,
				  .swap = UNKNOWN }),
		0);
}
END_TEST

START_TEST(the_peak_is_the_greatest_footprint_not_the_greatest_rss)
{
	look(0, 1 * GIB, 0, 90 * GIB);
	look(1, 3 * GIB, GIB, 5 * GIB);
	look(2, 2 * GIB, GIB, 6 * GIB);
	ck_assert_uint_eq(a.samples, 3);
	ck_assert_uint_eq(a.peak.at_ns, 2 * NS_PER_S);
	ck_assert_uint_eq(sample_footprint(&a.peak), 4 * GIB);
	ck_assert_uint_eq(a.peak.rss, 5 * GIB);
	ck_assert_uint_eq(a.rss_max, 90 * GIB);
	ck_assert_uint_eq(a.last.at_ns, 3 * NS_PER_S);
}
END_TEST

START_TEST(what_was_seen_held_until_the_next_look)
{
	look(0, 1 * GIB, 0, 0);
	look(1, 3 * GIB, 0, 0);
	look(4, 9 * GIB, 0, 0);
	ck_assert_uint_eq(distribution_mean(&a.footprint), 10 * GIB / 4);
	ck_assert_uint_eq(a.footprint.weight, 4 * NS_PER_S);
}
END_TEST

START_TEST(an_unknown_rss_is_no_maximum)
{
	look(0, GIB, 0, 7);
	look(1, GIB, 0, UNKNOWN);
	ck_assert_uint_eq(a.rss_max, 7);
}
END_TEST

START_TEST(what_is_no_process_has_a_row_of_its_own)
{
	process(1, "x", 10 * MIB);
	look(0, 40 * MIB, 96 * MIB, GIB);
	ck_assert_uint_eq(a.top_n, 3);
	ck_assert_str_eq(a.top[0].name, "(shared memory that no process maps)");
	ck_assert_int_eq(a.top[0].pid, 0);
	ck_assert_uint_eq(a.top[0].share, 96 * MIB);
	ck_assert_uint_eq(a.top[0].rss, UNKNOWN);
	ck_assert_str_eq(a.top[1].name, "(other memory of no process)");
	ck_assert_uint_eq(a.top[1].share, 30 * MIB);
	ck_assert_int_eq(a.top[2].pid, 1);
	ck_assert(account_is_sane(&a));
}
END_TEST

START_TEST(the_biggest_ten_stand_in_order)
{
	static const uint64_t sizes[] = { 3, 14, 1, 15, 9, 2, 6, 5, 35, 8, 97, 93, 23, 84, 62 };

	for (size_t i = 0; i < COUNT(sizes); i++)
		process((pid_t)(sizes[i]), "x", sizes[i] * MIB);
	look(0, 457 * MIB, 0, GIB);
	ck_assert_uint_eq(a.top_n, ACCOUNT_TOP);
	ck_assert_int_eq(a.top[0].pid, 97);
	ck_assert_int_eq(a.top[ACCOUNT_TOP - 1].pid, 8);
	for (uint32_t i = 1; i < a.top_n; i++)
		ck_assert_int_gt(a.top[i - 1].pid, a.top[i].pid);
	ck_assert_uint_eq(a.top[0].rss, 98 * MIB);
	ck_assert_uint_eq(a.top[0].pss, UNKNOWN);
}
END_TEST

START_TEST(the_biggest_are_those_of_the_peak)
{
	process(1, "x", 10 * MIB);
	look(0, 10 * MIB, 0, GIB);
	process(2, "x", 90 * MIB);
	look(1, 100 * MIB, 0, GIB);
	rows_n--;
	process(3, "x", 20 * MIB);
	look(2, 30 * MIB, 0, GIB);
	ck_assert_uint_eq(a.top_n, 2);
	ck_assert_int_eq(a.top[0].pid, 2);
	ck_assert_int_eq(a.top[1].pid, 1);
}
END_TEST

START_TEST(the_objects_of_the_peak_are_those_with_memory)
{
	process(1, "x", MIB);
	for (unsigned i = 0; i < COUNT(objects); i++)
		objects[i] = (struct look_object){ .ino = i, .bytes = i % 2 ? MIB : 0 };
	objects_n = 3;
	look(0, MIB, MIB, GIB);
	ck_assert_uint_eq(a.objects_n, 1);
	ck_assert_uint_eq(a.objects[0].ino, 1);
	/* More of another step's objects are mapped: no new peak, but more is known. */
	objects_n = 4;
	look(1, MIB, MIB, GIB);
	ck_assert_uint_eq(a.objects_n, 2);
	objects_n = 2;
	look(2, MIB, MIB, GIB);
	ck_assert_uint_eq(a.objects_n, 2);
	objects_n = COUNT(objects);
	for (unsigned i = 0; i < COUNT(objects); i++)
		objects[i].bytes = MIB;
	look(3, MIB, 100 * MIB, GIB);
	ck_assert_uint_eq(a.objects_n, ACCOUNT_OBJECTS);
}
END_TEST

static void read_pss(struct look_process *p, uint64_t pss, uint64_t at_ns)
{
	p->pss = pss;
	p->uss = pss / 2;
	p->file_shmem = MIB;
	p->pss_at_ns = at_ns;
}

START_TEST(pss_is_only_what_was_read_near_the_peak)
{
	struct look_process *p = process(1, "x", 99 * MIB), *q = process(2, "x", 299 * MIB);

	look(0, 398 * MIB, 0, 400 * MIB);
	ck_assert_uint_eq(a.pss, UNKNOWN);
	read_pss(p, 60 * MIB, 8);
	look(1, 398 * MIB, 0, 400 * MIB);
	ck_assert_uint_eq(a.pss, 60 * MIB);
	ck_assert_uint_eq(a.uss, 30 * MIB);
	ck_assert_uint_eq(a.shr, MIB);
	ck_assert_double_eq_tol(a.pss_read, 0.25, 1e-9);
	/* Far from the peak more is read: that says nothing about the peak. */
	read_pss(q, 200 * MIB, 9);
	look(2, 300 * MIB, 0, 400 * MIB);
	ck_assert_uint_eq(a.pss, 60 * MIB);
	look(3, 395 * MIB, 0, 400 * MIB);
	ck_assert_uint_eq(a.pss, 260 * MIB);
	ck_assert_uint_eq(a.pss_at_ns, 8);
	ck_assert_double_eq_tol(a.pss_read, 1, 1e-9);
	ck_assert_uint_eq(a.top[0].pss, 200 * MIB);
	/* A figure from before the process grew is no figure of the new peak. */
	q->rss += 100 * MIB;
	q->pss = q->uss = q->pss_at_ns = UNKNOWN;
	look(4, 498 * MIB, 0, 500 * MIB);
	ck_assert_uint_eq(a.pss, 60 * MIB);
	ck_assert_uint_eq(a.top[0].pss, UNKNOWN);
}
END_TEST

START_TEST(the_look_nearest_to_its_limit_is_kept)
{
	process(1, "x", MIB);
	seen.limit = 800 * MIB;
	look(0, 157 * MIB, 0, GIB);
	/* Less memory, but a limit that has fallen further. */
	seen.limit = 110 * MIB;
	look(1, 100 * MIB, 0, GIB);
	ck_assert_uint_eq(a.tight_limit, 110 * MIB);
	ck_assert_uint_eq(a.tight_footprint, 100 * MIB);
	seen.limit = 800 * MIB;
	look(2, 300 * MIB, 0, GIB);
	ck_assert_uint_eq(a.tight_limit, 110 * MIB);
	ck_assert_uint_eq(a.limit, 800 * MIB);
	/* A limit that falls when the memory is gone was never near. */
	account_rig_begin();
	process(1, "x", MIB);
	seen.limit = 800 * MIB;
	look(0, 157 * MIB, 0, GIB);
	seen.limit = 150 * MIB;
	look(1, 10 * MIB, 0, GIB);
	ck_assert_uint_eq(a.tight_limit, 800 * MIB);
	ck_assert_uint_eq(a.tight_footprint, 157 * MIB);
}
END_TEST

START_TEST(mapped_files_count_beside_the_footprint)
{
	process(1, "x", MIB);
	seen.limit = 800 * MIB;
	look(0, 157 * MIB, 0, GIB);
	ck_assert_uint_eq(a.with_file_max, 157 * MIB);
	seen.sample.file = 100 * MIB;
	account_add(&a, &seen);
	ck_assert_uint_eq(a.with_file_max, 257 * MIB);
}
END_TEST

START_TEST(a_look_without_processes_adds_what_outlives_them)
{
	process(1, "x", 10 * MIB);
	look(0, 10 * MIB, 0, GIB);
	seen.source = SOURCE_CGROUP;
	seen.limit = GIB;
	seen.bound = 2 * GIB;
	seen.kills = (struct look_kills){ .count = 2, .scope = SCOPE_JOB, .victims_n = 1 };
	seen.kills.victims[0] = (struct look_victim){ .pid = 1, .name = "x", .anon = 7 };
	seen.stalled_some_us = 5;
	seen.stalled_full_us = 4;
	seen.cost = (struct look_cost){ 9, 8, 7, 6 };
	look_at(9, 99 * MIB, 0, 99 * GIB, 0);
	ck_assert_uint_eq(a.killed_ns, seen.sample.at_ns - a.started_ns);
	ck_assert_uint_eq(a.samples, 1);
	ck_assert_uint_eq(sample_footprint(&a.peak), 10 * MIB);
	ck_assert_uint_eq(a.last.at_ns, NS_PER_S);
	ck_assert_uint_eq(a.rss_max, GIB);
	ck_assert_int_eq(a.source, SOURCE_CGROUP);
	ck_assert_uint_eq(a.limit, GIB);
	ck_assert_uint_eq(a.bound, 2 * GIB);
	ck_assert_uint_eq(a.kills, 2);
	ck_assert_uint_eq(a.kill_scope, SCOPE_JOB);
	ck_assert_uint_eq(a.victims_n, 1);
	ck_assert_uint_eq(a.victims[0].anon, 7);
	ck_assert_uint_eq(a.stalled_some_us, 5);
	ck_assert_uint_eq(a.stalled_full_us, 4);
	ck_assert_uint_eq(a.scans, 8);
	ck_assert_uint_eq(a.cpu_ns, 7);
	ck_assert_uint_eq(a.duty_delay_ns, 6);
}
END_TEST

START_TEST(an_account_goes_on_with_a_new_accountant)
{
	uint64_t killed_ns;

	process(1, "x", 10 * MIB);
	seen.kills = (struct look_kills){ .count = 2, .scope = SCOPE_STEP, .victims_n = 1 };
	seen.cost = (struct look_cost){ 9, 8, 7, 6 };
	ck_assert_uint_eq(a.killed_ns, UNKNOWN);
	look(1, 10 * MIB, 0, GIB);
	killed_ns = a.killed_ns;
	ck_assert_uint_eq(killed_ns, seen.sample.at_ns - a.started_ns);
	account_resume(&a);
	process(1, "x", 4 * MIB);
	seen.kills = (struct look_kills){ 0 };
	seen.cost = (struct look_cost){ 1, 1, 2, 3 };
	look(2, 4 * MIB, 0, GIB);
	ck_assert_uint_eq(a.samples, 2);
	ck_assert_uint_eq(sample_footprint(&a.peak), 10 * MIB);
	ck_assert_uint_eq(a.kills, 2);
	ck_assert_uint_eq(a.killed_ns, killed_ns);
	ck_assert_uint_eq(a.kill_scope, SCOPE_STEP);
	ck_assert_uint_eq(a.victims_n, 1);
	ck_assert_uint_eq(a.scans, 9);
	ck_assert_uint_eq(a.cpu_ns, 9);
	ck_assert_uint_eq(a.duty_delay_ns, 9);
	SAME("x", profile("x", ROLE_OTHER)->together.peak, 10 * MIB);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("account");

	tcase_add_checked_fixture(tc, account_rig_begin, NULL);
	tcase_add_test(tc, a_new_account_knows_nothing);
	tcase_add_test(tc, a_footprint_is_the_sum_of_what_is_known);
	tcase_add_test(tc, the_peak_is_the_greatest_footprint_not_the_greatest_rss);
	tcase_add_test(tc, what_was_seen_held_until_the_next_look);
	tcase_add_test(tc, an_unknown_rss_is_no_maximum);
	tcase_add_test(tc, what_is_no_process_has_a_row_of_its_own);
	tcase_add_test(tc, the_biggest_ten_stand_in_order);
	tcase_add_test(tc, the_biggest_are_those_of_the_peak);
	tcase_add_test(tc, the_objects_of_the_peak_are_those_with_memory);
	tcase_add_test(tc, pss_is_only_what_was_read_near_the_peak);
	tcase_add_test(tc, the_look_nearest_to_its_limit_is_kept);
	tcase_add_test(tc, mapped_files_count_beside_the_footprint);
	tcase_add_test(tc, a_look_without_processes_adds_what_outlives_them);
	tcase_add_test(tc, an_account_goes_on_with_a_new_accountant);
	return unit_run();
}

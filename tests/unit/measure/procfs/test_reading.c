/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"
#include "measure/procfs/process_table.h"
#include "measure/procfs/reading.h"
#include "tests/unit/unit.h"

#define NOW (1000 * NS_PER_S)

START_TEST(a_note_names_the_process_and_is_another_one_each_time)
{
	struct reading r = { 0 };
	unsigned before;

	reading_note(&r, 7);
	before = atomic_load(&r.count);
	ck_assert_int_eq(atomic_load(&r.pid), 7);
	reading_note(&r, 7);
	ck_assert_uint_ne(atomic_load(&r.count), before);
}
END_TEST

START_TEST(a_process_that_held_is_shunned_twice_as_long_each_time)
{
	struct shunned s = { 0 };
	uint64_t now = NOW;

	ck_assert(!shunned_has(&s, 7, now));
	for (unsigned i = 0; i < SHUN_DOUBLED + 3; i++) {
		uint64_t ns = SHUN_NS << (i < SHUN_DOUBLED ? i : SHUN_DOUBLED);

		shunned_add(&s, 7, now);
		ck_assert(shunned_has(&s, 7, now + ns - 1));
		ck_assert(!shunned_has(&s, 8, now));
		ck_assert(!shunned_all(&s, now));
		now += ns;
		ck_assert(!shunned_has(&s, 7, now));
	}
}
END_TEST

START_TEST(all_are_shunned_where_no_process_stands_out)
{
	struct shunned unknown = { 0 }, again = { 0 }, many = { 0 };

	shunned_add(&unknown, 0, NOW);
	ck_assert(shunned_all(&unknown, NOW + SHUN_NS - 1));
	ck_assert(shunned_has(&unknown, 8, NOW));
	ck_assert(!shunned_all(&unknown, NOW + SHUN_NS));

	/* Its files were not read, so something else hung. */
	shunned_add(&again, 7, NOW);
	shunned_add(&again, 7, NOW + 1);
	ck_assert(shunned_all(&again, NOW + 1));

	for (pid_t pid = 1; pid <= SHUNNED; pid++)
		shunned_add(&many, pid, NOW);
	ck_assert(!shunned_all(&many, NOW));
	shunned_add(&many, SHUNNED + 1, NOW);
	ck_assert(shunned_all(&many, NOW));
}
END_TEST

START_TEST(a_table_notes_reads_and_says_which_to_leave_out)
{
	struct process_table *table = process_table_create(8);
	struct reading reading = { 0 };
	struct shunned shunned = { 0 };

	/* Nobody watches. */
	ck_assert(process_reading(table, 7));
	process_table_watch(table, &reading, &shunned);
	process_table_begin(table, NOW);
	ck_assert(process_reading(table, 7));
	ck_assert_int_eq(atomic_load(&reading.pid), 7);
	process_reading_end(table);
	ck_assert_int_eq(atomic_load(&reading.pid), 0);
	shunned_add(&shunned, 7, NOW);
	ck_assert(!process_reading(table, 7));
	ck_assert_int_eq(atomic_load(&reading.pid), 0);
	ck_assert(process_reading(table, 8));
	process_table_begin(table, NOW + SHUN_NS);
	ck_assert(process_reading(table, 7));
	process_table_destroy(table);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("reading");

	tcase_add_test(tc, a_note_names_the_process_and_is_another_one_each_time);
	tcase_add_test(tc, a_process_that_held_is_shunned_twice_as_long_each_time);
	tcase_add_test(tc, all_are_shunned_where_no_process_stands_out);
	tcase_add_test(tc, a_table_notes_reads_and_says_which_to_leave_out);
	return unit_run();
}

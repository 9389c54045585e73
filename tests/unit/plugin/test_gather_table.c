/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/spank/exact/gather_table.h"
#include "tests/unit/unit.h"

/* More than the search reads at once. */
enum { WORDS = 1700 };

static void *const functions[GATHER_FUNCTIONS] = { (void *)0x1001, (void *)0x1002, (void *)0x1003 };
static void *words[WORDS];

static void put(size_t at)
{
	memcpy(words + at, functions, sizeof(functions));
}

static int find(uintptr_t start, size_t size, uintptr_t *table)
{
	const struct memory_segment segment = { start, size };

	return gather_table_find(&segment, 1, functions, self_memory_read, table);
}

/* Also across the borders of what is read at once. */
START_TEST(the_table_is_found_wherever_it_lies)
{
	for (size_t at = 0; at + GATHER_FUNCTIONS <= WORDS; at++) {
		uintptr_t table = 0;

		memset(words, 0, sizeof(words));
		put(at);
		ck_assert_int_eq(find((uintptr_t)words, sizeof(words), &table), 0);
		ck_assert_uint_eq(table, (uintptr_t)(words + at));
	}
}
END_TEST

START_TEST(two_tables_are_refused)
{
	for (size_t at = 0; at + 2 * GATHER_FUNCTIONS <= WORDS; at += 7) {
		uintptr_t table = 0;

		memset(words, 0, sizeof(words));
		put(at);
		put(WORDS - GATHER_FUNCTIONS);
		ck_assert_int_eq(find((uintptr_t)words, sizeof(words), &table), -ENOTUNIQ);
		ck_assert_uint_eq(table, 0);
	}
}
END_TEST

START_TEST(two_of_the_three_are_no_table)
{
	uintptr_t table;

	memset(words, 0, sizeof(words));
	memcpy(words + 5, functions, 2 * sizeof(*functions));
	memcpy(words + 20, functions + 1, 2 * sizeof(*functions));
	memcpy(words + WORDS - 2, functions, 2 * sizeof(*functions));
	ck_assert_int_eq(find((uintptr_t)words, sizeof(words), &table), -ENOENT);
}
END_TEST

/* Such as a copy in packed data: Slurm would not call through it. */
START_TEST(a_table_that_is_not_aligned_is_none)
{
	uintptr_t table;

	memset(words, 0, sizeof(words));
	memcpy((char *)words + 4, functions, sizeof(functions));
	ck_assert_int_eq(find((uintptr_t)words, sizeof(words), &table), -ENOENT);
}
END_TEST

START_TEST(segments_need_not_be_aligned)
{
	uintptr_t table;

	memset(words, 0, sizeof(words));
	put(3);
	for (size_t skip = 0; skip < 3 * sizeof(*words); skip++)
		ck_assert_int_eq(
			find((uintptr_t)words + skip, sizeof(words) - skip - 5, &table), 0);
	/* Nothing but the table. */
	ck_assert_int_eq(find((uintptr_t)(words + 3), sizeof(functions), &table), 0);
	/* It ends within the table, or is nothing. */
	ck_assert_int_eq(find((uintptr_t)words + 1, 6 * sizeof(*words) - 2, &table), -ENOENT);
	ck_assert_int_eq(find((uintptr_t)words, 6 * sizeof(*words) - 1, &table), -ENOENT);
	ck_assert_int_eq(find((uintptr_t)words + 1, 3, &table), -ENOENT);
	ck_assert_int_eq(find((uintptr_t)words, 0, &table), -ENOENT);
}
END_TEST

START_TEST(memory_that_is_not_there_is_refused)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t table;

	ck_assert(pages != MAP_FAILED);
	memcpy(pages, functions, sizeof(functions));
	ck_assert_int_eq(mprotect(pages + page, page, PROT_NONE), 0);
	ck_assert_int_eq(find((uintptr_t)pages, 3 * page, &table), -EFAULT);
	ck_assert_int_eq(find((uintptr_t)pages, page, &table), 0);
	ck_assert_int_eq(munmap(pages, 3 * page), 0);
	ck_assert_int_eq(find((uintptr_t)pages, page, &table), -EFAULT);
	ck_assert_int_eq(find(0, 64 * KIB, &table), -EFAULT);
}
END_TEST

START_TEST(impossible_segments_are_refused)
{
	const struct memory_segment two[] = { { (uintptr_t)words, sizeof(words) },
		{ (uintptr_t)words, 64 * MIB } };
	void *const null[GATHER_FUNCTIONS] = { functions[0], NULL, functions[2] };
	uintptr_t table;

	ck_assert_int_eq(find(UINTPTR_MAX - 100, 200, &table), -EINVAL);
	ck_assert_int_eq(find((uintptr_t)words, SIZE_MAX / 2, &table), -E2BIG);
	ck_assert_int_eq(gather_table_find(two, 2, functions, self_memory_read, &table), -E2BIG);
	ck_assert_int_eq(gather_table_find(two, 1, null, self_memory_read, &table), -EINVAL);
	ck_assert_int_eq(gather_table_find(two, 0, functions, self_memory_read, &table), -ENOENT);
}
END_TEST

int main(void)
{
	TCase *c = unit_suite("gather_table");

	tcase_add_test(c, the_table_is_found_wherever_it_lies);
	tcase_add_test(c, two_tables_are_refused);
	tcase_add_test(c, two_of_the_three_are_no_table);
	tcase_add_test(c, a_table_that_is_not_aligned_is_none);
	tcase_add_test(c, segments_need_not_be_aligned);
	tcase_add_test(c, memory_that_is_not_there_is_refused);
	tcase_add_test(c, impossible_segments_are_refused);
	return unit_run();
}

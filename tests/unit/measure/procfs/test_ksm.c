/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "measure/procfs/ksm.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree proc, sys;
static struct process_table *table;
static struct ksm ksm;
static uint64_t page;

/* Numbers as the files have them; NULL: no file. */
static void node(const char *sharing, const char *shared)
{
	if (sharing)
		tree_write(&sys, 0, "kernel/mm/ksm/pages_sharing", sharing);
	if (shared)
		tree_write(&sys, 0, "kernel/mm/ksm/pages_shared", shared);
}

static void begin(void)
{
	static const char *const dirs[] = { "kernel", "kernel/mm", "kernel/mm/ksm" };

	tree_create(&proc);
	tree_create(&sys);
	for (size_t i = 0; i < COUNT(dirs); i++)
		ck_assert_int_eq(mkdirat(sys.fd, dirs[i], 0755), 0);
	tree_write(&proc, 0, "self/ksm_merging_pages", "0\n");
	node("300\n", "100\n");
	table = process_table_create(64);
	ksm_open(&ksm, proc.fd, sys.path);
	page = page_size();
}

static void end(void)
{
	ksm_close(&ksm);
	process_table_destroy(table);
	tree_destroy(&proc);
	tree_destroy(&sys);
}

static struct process *process(pid_t pid, const char *merging)
{
	struct process *p = process_add(table, pid);

	p->via = pid;
	p->size = MIB;
	if (merging)
		tree_write(&proc, pid, "ksm_merging_pages", merging);
	return p;
}

START_TEST(what_is_saved_of_a_process_follows_the_ratio_of_the_node)
{
	process(10, "200\n");
	process(11, "0\n");
	ksm_read(&ksm, table, NS_PER_S);
	ck_assert(ksm.known);
	ck_assert_uint_eq(process_find(table, 10)->merged, 150 * page);
	ck_assert_uint_eq(process_find(table, 11)->merged, 0);
}
END_TEST

START_TEST(the_files_are_read_once_a_second)
{
	struct process *p = process(10, "200\n");

	ksm_read(&ksm, table, NS_PER_S);
	tree_write(&proc, 10, "ksm_merging_pages", "40\n");
	ksm_read(&ksm, table, 2 * NS_PER_S - 1);
	ck_assert_uint_eq(p->merged, 150 * page);
	ksm_read(&ksm, table, 2 * NS_PER_S);
	ck_assert_uint_eq(p->merged, 30 * page);
}
END_TEST

START_TEST(where_nothing_is_merged_nothing_is_saved_and_processes_are_not_read)
{
	struct process *p = process(10, "200\n");

	ksm_read(&ksm, table, NS_PER_S);
	node("0\n", "0\n");
	tree_spoil(&proc, 10, "ksm_merging_pages");
	ksm_read(&ksm, table, 2 * NS_PER_S);
	ck_assert(ksm.known);
	ck_assert_uint_eq(p->merged, 0);
}
END_TEST

START_TEST(who_has_no_memory_of_its_own_is_passed_over)
{
	process(10, "200\n")->size = 0;
	process(11, "200\n")->copy = true;
	process(12, "200\n")->mm_owner = 10;
	ksm_read(&ksm, table, NS_PER_S);
	for (pid_t pid = 10; pid < 13; pid++)
		ck_assert_uint_eq(process_find(table, pid)->merged, 0);
}
END_TEST

static const struct {
	const char *what, *sharing, *shared, *merging; /* NULL: no file; "/": cannot be read */
	bool old_kernel; /* before 5.19, without ksm_merging_pages */
	bool known;
} failures[] = {
	{ "the process is gone", "300\n", "100\n", NULL, false, true },
	{ "the process cannot be read", "300\n", "100\n", "/", false, false },
	{ "an old kernel", "300\n", "100\n", NULL, true, false },
	{ "an old kernel that merges nothing", "0\n", "0\n", NULL, true, true },
	{ "no number of the process", "300\n", "100\n", "x\n", false, false },
	{ "no number of the node", "x\n", "100\n", "200\n", false, false },
	{ "half a ratio", "300\n", "x\n", "200\n", false, false },
};

START_TEST(what_cannot_be_read_is_not_known_and_not_saved)
{
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct process *p;

		end();
		begin();
		node(failures[i].sharing, failures[i].shared);
		if (failures[i].old_kernel)
			tree_remove(&proc, 0, "self");
		p = process(10, failures[i].merging);
		if (failures[i].merging && *failures[i].merging == '/')
			tree_spoil(&proc, 10, "ksm_merging_pages");
		ksm_read(&ksm, table, NS_PER_S);
		SAME(failures[i].what, ksm.known, failures[i].known);
		SAME(failures[i].what, p->merged, 0);
	}
}
END_TEST

START_TEST(without_ksm_in_the_kernel_nothing_is_known)
{
	const char *const roots[] = { NULL, proc.path };

	process(10, "200\n");
	for (size_t i = 0; i < COUNT(roots); i++) {
		ksm_close(&ksm);
		ksm_open(&ksm, proc.fd, roots[i]);
		ksm_read(&ksm, table, NS_PER_S);
		ck_assert(!ksm.known);
		ck_assert_uint_eq(process_find(table, 10)->merged, 0);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("ksm");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_is_saved_of_a_process_follows_the_ratio_of_the_node);
	tcase_add_test(tc, the_files_are_read_once_a_second);
	tcase_add_test(tc, where_nothing_is_merged_nothing_is_saved_and_processes_are_not_read);
	tcase_add_test(tc, who_has_no_memory_of_its_own_is_passed_over);
	tcase_add_test(tc, what_cannot_be_read_is_not_known_and_not_saved);
	tcase_add_test(tc, without_ksm_in_the_kernel_nothing_is_known);
	return unit_run();
}

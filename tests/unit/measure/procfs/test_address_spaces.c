/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that share an address space; real ones where the kernel is asked. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/procfs.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct procfs *procfs;
static struct sample sample;
static uint64_t pages;
static int root;

static void open_at(int proc_fd)
{
	table = process_table_create(256);
	procfs = procfs_create(proc_fd, table);
	pages = page_size();
}

static void begin(void)
{
	tree_create(&tree);
	root = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
}

static void end(void)
{
	procfs_destroy(procfs);
	process_table_destroy(table);
	close(root);
	tree_destroy(&tree);
}

static void look(uint64_t at_ms)
{
	procfs_read(procfs);
	procfs_refresh(procfs, at_ms * NS_PER_MS);
	procfs_sample(procfs, at_ms * NS_PER_MS, &sample);
}

/* In a tree nobody can be asked: figures decide. */
static void process(pid_t pid, pid_t ppid, unsigned rss, unsigned hwm)
{
	struct process *p = process_find(table, pid);

	if (!p)
		p = process_add(table, pid);
	tree_process(&tree,
		&(struct fake){ .pid = pid,
			.ppid = ppid,
			.stack = 5000,
			.size = 9000,
			.rss = rss,
			.shared = 100,
			.pte_kib = 40,
			.threads = 1,
			.hwm_kib = hwm });
	p->row->ppid = ppid;
}

START_TEST(a_child_with_all_of_its_parents_figures_counts_once_where_nobody_tells)
{
	open_at(tree.fd);
	process(10, 1, 1100, 5000);
	process(11, 10, 1100, 5000);
	look(10000);
	ck_assert_uint_eq(sample.processes, 2);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.rss, 2200 * pages);
	ck_assert_uint_lt(sample.kernel, 80 * KIB);
	ck_assert_int_eq(process_find(table, 11)->mm_owner, 10);
	/* Read at different times the figures of a busy process differ. */
	process(10, 1, 1200, 5000);
	look(10100);
	ck_assert_uint_eq(sample.private, 1100 * pages);
}
END_TEST

START_TEST(a_child_whose_peak_differs_has_memory_of_its_own)
{
	open_at(tree.fd);
	process(10, 1, 1100, 5000);
	process(11, 10, 1100, 4400);
	look(10000);
	ck_assert_int_eq(process_find(table, 11)->mm_owner, 0);
	ck_assert_uint_eq(sample.kernel, 2 * (40 * KIB + 16 * KIB));
}
END_TEST

START_TEST(equal_siblings_are_no_copies_of_one_another)
{
	open_at(tree.fd);
	process(10, 1, 1100, 5000);
	process(11, 1, 1100, 5000);
	look(10000);
	ck_assert_int_eq(process_find(table, 10)->mm_owner, 0);
	ck_assert_int_eq(process_find(table, 11)->mm_owner, 0);
}
END_TEST

START_TEST(when_the_owner_ends_another_one_counts)
{
	open_at(tree.fd);
	process(10, 1, 1100, 5000);
	process(11, 10, 1100, 5000);
	process(12, 10, 1100, 5000);
	look(10000);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	tree_write(&tree, 10, "statm", "0 0 0 0 0 0 0\n");
	process(11, 1, 1100, 5000);
	process(12, 11, 1100, 5000);
	look(11000);
	ck_assert_uint_ge(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.processes, 2);
}
END_TEST

static int hold_still(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return 0;
}

static pid_t helper(int flags)
{
	static char stacks[4][16 * 1024] __attribute__((aligned(16)));
	static unsigned used;
	pid_t pid = clone(hold_still, stacks[used++] + sizeof(stacks[0]), flags | SIGCHLD, NULL);

	ck_assert_int_gt(pid, 0);
	return pid;
}

static void helper_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void member(pid_t pid)
{
	process_add(table, pid)->row->ppid = pid == getpid() ? getppid() : getpid();
}

START_TEST(the_kernel_tells_who_shares_an_address_space)
{
	const size_t bytes = 32 * MIB;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	pid_t sharer = helper(CLONE_VM), forked = helper(0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	open_at(root);
	member(getpid());
	member(sharer);
	member(forked);
	look(10000);
	ck_assert_int_eq(process_find(table, sharer)->mm_owner, getpid());
	ck_assert_int_eq(process_find(table, forked)->mm_owner, 0);
	ck_assert_uint_eq(sample.processes, 3);
	ck_assert_uint_ge(sample.private, bytes);
	ck_assert_uint_lt(sample.private, bytes + bytes / 2);
	ck_assert_uint_ge(sample.rss, 3 * bytes);
	helper_end(sharer);
	look(10100);
	ck_assert_uint_ge(sample.private, bytes);
	helper_end(forked);
	munmap(memory, bytes);
}
END_TEST

START_TEST(helpers_of_a_parent_that_is_no_member_share_too)
{
	pid_t first = helper(CLONE_VM), second = helper(CLONE_VM);

	open_at(root);
	/* A page that this program first touches between two reads would make the helpers differ. */
	member(getpid());
	look(9000);
	process_remove(table, process_find(table, getpid()));
	member(first);
	member(second);
	look(10000);
	ck_assert_int_eq((process_find(table, first)->mm_owner != 0) +
			(process_find(table, second)->mm_owner != 0),
		1);
	helper_end(first);
	look(10100);
	ck_assert_uint_gt(sample.private, 0);
	helper_end(second);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("address_spaces");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_child_with_all_of_its_parents_figures_counts_once_where_nobody_tells);
	tcase_add_test(tc, a_child_whose_peak_differs_has_memory_of_its_own);
	tcase_add_test(tc, equal_siblings_are_no_copies_of_one_another);
	tcase_add_test(tc, when_the_owner_ends_another_one_counts);
	if (unit_under_valgrind()) {
		puts("skipped: valgrind knows no clone(2) that shares an address space");
	} else {
		tcase_add_test(tc, the_kernel_tells_who_shares_an_address_space);
		tcase_add_test(tc, helpers_of_a_parent_that_is_no_member_share_too);
	}
	return unit_run();
}

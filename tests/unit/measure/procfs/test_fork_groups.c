/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/looks.h"
#include "tests/unit/unit.h"

/* A process of 1000 pages, or of rss; which fork from which is told by stack. */
static struct process *process(pid_t pid, uint64_t stack, unsigned rss)
{
	struct process *p = process_add(table, pid);

	tree_process(
		&tree, &(struct fake){ .pid = pid, .stack = stack, .size = 90000, .rss = rss });
	return p;
}

static void read_pss(pid_t pid, uint64_t anonymous, uint64_t pss_anon)
{
	struct process *p = process_find(table, pid);

	p->smaps = (struct smaps){ .rss = anonymous, .anonymous = anonymous, .pss_anon = pss_anon };
	p->pss_ns = 1;
}

START_TEST(programs_of_their_own_count_in_full)
{
	process(10, 5000, 1000);
	process(11, 6000, 1000);
	look(10000);
	ck_assert_uint_eq(sample.private, 2000 * pages);
}
END_TEST

START_TEST(where_the_stack_is_hidden_nobody_is_taken_for_forked)
{
	process(10, 0, 1000);
	process(11, 0, 1000);
	look(10000);
	ck_assert_uint_eq(sample.private, 2000 * pages);
}
END_TEST

START_TEST(a_child_between_fork_and_exec_is_no_peak)
{
	process(10, 5000, 1000);
	process(11, 5000, 900);
	process(12, 5000, 950);
	look(10000);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.rss, 2850 * pages);
	/* What each gains belongs to itself; what the child gives back the others still have. */
	tree_write(&tree, 10, "statm", "90000 1010 0 1 0 1 0\n");
	tree_write(&tree, 11, "statm", "90000 907 0 1 0 1 0\n");
	tree_write(&tree, 12, "statm", "90000 100 0 1 0 1 0\n");
	look(10050);
	ck_assert_uint_eq(sample.private, 1017 * pages);
}
END_TEST

START_TEST(once_all_were_read_each_counts_its_part)
{
	process(10, 5000, 1000);
	process(11, 5000, 1000);
	look(10000);
	read_pss(10, 1000 * pages, 600 * pages);
	look(10050);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	read_pss(11, 1000 * pages, 550 * pages);
	look(10100);
	ck_assert_uint_eq(sample.private, 1150 * pages);
	tree_write(&tree, 10, "statm", "90000 1100 0 1 0 1 0\n");
	tree_write(&tree, 11, "statm", "90000 300 0 1 0 1 0\n");
	look(10150);
	ck_assert_uint_eq(sample.private, 700 * pages);
}
END_TEST

/* A parent gives back what the child then has alone, between the reads of their PSS. */
START_TEST(what_is_given_back_within_a_look_counts_once)
{
	process(10, 5000, 1000);
	process(11, 5000, 1000);
	look(10000);
	procfs_read(procfs);
	procfs_refresh(procfs, 10050 * NS_PER_MS);
	read_pss(10, 1000 * pages, 500 * pages);
	tree_write(&tree, 10, "statm", "90000 0 0 1 0 1 0\n");
	read_pss(11, 1000 * pages, 1000 * pages);
	for (pid_t pid = 10; pid < 12; pid++)
		process_find(table, pid)->pss_ns = 10050 * NS_PER_MS;
	procfs_reread(procfs, 10050 * NS_PER_MS);
	procfs_sample(procfs, 10050 * NS_PER_MS, &sample);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	/* Only what was read in this look is of the same moment. */
	tree_write(&tree, 11, "statm", "90000 0 0 1 0 1 0\n");
	procfs_reread(procfs, 10100 * NS_PER_MS);
	ck_assert_uint_eq(process_find(table, 11)->row->rss, 1000 * pages);
}
END_TEST

START_TEST(after_exec_or_the_others_end_a_process_counts_in_full)
{
	process(10, 5000, 1000);
	process(11, 5000, 900);
	process(12, 5000, 800);
	look(10000);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	/* exec; that its memory changed has status and stat read again. */
	tree_process(&tree, &(struct fake){ .pid = 12, .stack = 7000, .size = 90000, .rss = 500 });
	look(10600);
	ck_assert_uint_eq(sample.private, 1500 * pages);
	process_remove(table, process_find(table, 12));
	tree_process(&tree, &(struct fake){ .pid = 10, .stack = 8000, .size = 90000, .rss = 100 });
	look(11200);
	ck_assert_uint_eq(sample.private, 1000 * pages);
}
END_TEST

/* A look during which 11 goes on in such a way, after its statm was read. */
static void look_meanwhile(const struct fake *f, uint64_t at_ms)
{
	procfs_read(procfs);
	tree_process(&tree, f);
	procfs_refresh(procfs, at_ms * NS_PER_MS);
	procfs_sample(procfs, at_ms * NS_PER_MS, &sample);
}

START_TEST(a_process_that_ends_during_the_look_is_no_peak)
{
	process(10, 5000, 1000);
	process(11, 5000, 1000);
	process(12, 5000, 1000);
	look(10000);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	look_meanwhile(&(struct fake){ .pid = 11 }, 11200);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.rss, 2000 * pages);
}
END_TEST

START_TEST(a_process_whose_first_thread_ends_during_the_look_stays_in_its_group)
{
	process(10, 5000, 1000);
	process(11, 5000, 1000);
	look(10000);
	tree_process(&tree, &(struct fake){ .pid = 13, .stack = 5000, .size = 90000, .rss = 1000 });
	tree_write(&tree, 11, "task/13/stat",
		"13 (sh) S 1 1 1 0 -1 0 1 0 0 0 1 2 0 0 20 0 2 0 0 0 0 0 1 2 5000 0 0 0 0 0 0 0 0 "
		"0 17 0 "
		"0 0 0 0 0 3 4 2500 6 7 8 9 0\n");
	look_meanwhile(&(struct fake){ .pid = 11, .threads = 2 }, 11200);
	ck_assert_uint_eq(sample.private, 1000 * pages);
	ck_assert_uint_eq(sample.rss, 2000 * pages);
}
END_TEST

START_TEST(a_parent_is_known_by_the_program_that_it_forked_from)
{
	struct process *child;

	process(10, 5000, 1000);
	look(10000);
	process_find(table, 10)->seen_ns = 1; /* not young */
	/* It executes another program, which leaves no trace in its memory, and forks. */
	tree_process(&tree, &(struct fake){ .pid = 10, .stack = 7000, .size = 90000, .rss = 1000 });
	child = process(11, 7000, 1000);
	child->row->ppid = 10;
	look(10050);
	ck_assert(process_find(table, 10)->forked);
	ck_assert_uint_eq(sample.private, 1000 * pages);
}
END_TEST

START_TEST(without_rights_sysv_segments_are_known_from_their_list)
{
	process(10, 0, 1000);
	closed_mapping(10,
		"7f0000000000-7f0000800000 rw-s 00000000 00:01 0 /SYSV00000000 (deleted)\n",
		"map_files/7f0000000000-7f0000800000");
	/* Resident and swapped; the first segment has id 0. */
	tree_write(&tree, 0, "sysvipc/shm",
		"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  "
		"cuid"
		"  cgid      atime      dtime      ctime                   rss                  "
		"swap\n"
		"-559038737 32780  1600 4194304 1 1 2 0 0 0 0 1795292768 0 1795292768 1048576 0\n"
		"rubbish\n"
		"         0     0  1600 8388608 1 1 1 0 0 0 0 1795292768 0 1795292768 4194304 "
		"1048576\n");
	look_without_rights(10000);
	/* Measured all the same. */
	ck_assert_uint_eq(sample.unmeasured, 0);
	ck_assert_uint_eq(sample.shared, 5 * MIB);
	tree_write(&tree, 0, "sysvipc/shm",
		"key shmid perms size ...\n0 0 1600 8388608 1 1 1 0 0 0 0 1 0 1 7340032 0\n");
	look_without_rights(10050);
	ck_assert_uint_eq(sample.shared, 7 * MIB);
	tree_write(&tree, 0, "sysvipc/shm", "key shmid perms size ...\n");
	look_without_rights(10100);
	ck_assert_uint_eq(sample.shared, 0);
}
END_TEST

START_TEST(without_rights_pss_is_a_lower_bound_of_shared_memory)
{
	process(10, 0, 1000);
	closed_mapping(10, "7f0000000000-7f0000800000 rw-s 00000000 00:01 9 /memfd:x (deleted)\n",
		"map_files/7f0000000000-7f0000800000");
	look_without_rights(10000);
	ck_assert_uint_eq(sample.unmeasured, 1);
	ck_assert_uint_eq(sample.shared, 0);
	process_find(table, 10)->smaps.pss_shmem = 3 * MIB;
	process_find(table, 10)->smaps.rss = process_find(table, 10)->row->rss;
	process_find(table, 10)->pss_ns = 1;
	look_without_rights(10050);
	ck_assert_uint_eq(sample.shared, 3 * MIB);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("forked");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, programs_of_their_own_count_in_full);
	tcase_add_test(tc, where_the_stack_is_hidden_nobody_is_taken_for_forked);
	tcase_add_test(tc, a_child_between_fork_and_exec_is_no_peak);
	tcase_add_test(tc, once_all_were_read_each_counts_its_part);
	tcase_add_test(tc, what_is_given_back_within_a_look_counts_once);
	tcase_add_test(tc, after_exec_or_the_others_end_a_process_counts_in_full);
	tcase_add_test(tc, a_process_that_ends_during_the_look_is_no_peak);
	tcase_add_test(tc, a_process_whose_first_thread_ends_during_the_look_stays_in_its_group);
	tcase_add_test(tc, a_parent_is_known_by_the_program_that_it_forked_from);
	tcase_add_test(tc, without_rights_sysv_segments_are_known_from_their_list);
	tcase_add_test(tc, without_rights_pss_is_a_lower_bound_of_shared_memory);
	return unit_run();
}

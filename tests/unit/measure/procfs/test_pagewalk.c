/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/pagewalk.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct pagewalk *walk;

static void begin(void)
{
	tree_create(&tree);
	table = process_table_create(64);
	walk = pagewalk_create(tree.fd, 0.01);
	tree_write(&tree, 0, "self/smaps_rollup", "");
}

static void end(void)
{
	pagewalk_destroy(walk);
	process_table_destroy(table);
	tree_destroy(&tree);
}

static struct process *process(pid_t pid, uint64_t rss)
{
	struct process *p = process_add(table, pid);
	char rollup[256];

	p->row->rss = p->size = rss;
	snprintf(rollup, sizeof(rollup), "Rss: %ju kB\nPss: %ju kB\nPss_Anon: 4 kB\n",
		(uintmax_t)(rss / KIB), (uintmax_t)(rss / KIB / 2));
	tree_write(&tree, pid, "smaps_rollup", rollup);
	return p;
}

START_TEST(a_process_that_was_never_read_is_read)
{
	struct process *p = process(10, 8 * MIB);

	pagewalk_run(walk, table, NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 1);
	ck_assert_uint_eq(p->pss_ns, NS_PER_S);
	ck_assert_uint_eq(p->smaps.pss, 4 * MIB);
	ck_assert(pagewalk_is_fresh(p, pagewalk_sharing(table)));
}
END_TEST

START_TEST(a_read_is_stale_when_the_process_has_changed)
{
	struct process *p = process(10, 64 * MIB);

	ck_assert(!pagewalk_is_fresh(p, pagewalk_sharing(table)));
	pagewalk_run(walk, table, NS_PER_S);
	p->row->rss += 3 * MIB;
	ck_assert(pagewalk_is_fresh(p, pagewalk_sharing(table)));
	p->row->rss += 30 * MIB;
	ck_assert(!pagewalk_is_fresh(p, pagewalk_sharing(table)));
	p->row->rss = 30 * MIB;
	ck_assert(!pagewalk_is_fresh(p, pagewalk_sharing(table)));
}
END_TEST

START_TEST(a_read_is_stale_when_others_share_more)
{
	struct process *p = process(10, 64 * MIB), *q;

	p->row->file_shmem = 40 * MIB;
	pagewalk_run(walk, table, NS_PER_S);
	ck_assert(pagewalk_is_fresh(p, pagewalk_sharing(table)));
	q = process(11, 64 * MIB);
	q->row->file_shmem = 40 * MIB;
	p = process_find(table, 10);
	ck_assert(!pagewalk_is_fresh(p, pagewalk_sharing(table)));
	/* Who shares nothing does not mind. */
	p->row->file_shmem = 0;
	ck_assert(pagewalk_is_fresh(p, pagewalk_sharing(table)));
}
END_TEST

START_TEST(only_what_changed_is_read_again_and_not_at_once)
{
	struct process *p = process(10, 64 * MIB), *q = process(11, 64 * MIB);

	pagewalk_run(walk, table, NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 2);
	p->row->rss += 30 * MIB;
	pagewalk_run(walk, table, NS_PER_S + NS_PER_S / 2);
	ck_assert_uint_eq(pagewalk_reads(walk), 2);
	pagewalk_run(walk, table, 3 * NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 3);
	ck_assert_uint_eq(p->pss_ns, 3 * NS_PER_S);
	ck_assert_uint_eq(q->pss_ns, NS_PER_S);
}
END_TEST

/* As process(), where the program has given that much back by MADV_FREE. */
static struct process *lazy(pid_t pid, uint64_t rss, uint64_t lazyfree)
{
	struct process *p = process(pid, rss);
	char rollup[256];

	snprintf(rollup, sizeof(rollup),
		"Rss: %ju kB\nPss: %ju kB\nAnonymous: %ju kB\nLazyFree: %ju kB\n",
		(uintmax_t)(rss / KIB), (uintmax_t)(rss / KIB), (uintmax_t)(rss / KIB),
		(uintmax_t)(lazyfree / KIB));
	tree_write(&tree, pid, "smaps_rollup", rollup);
	return p;
}

START_TEST(what_grew_fast_is_read_again_at_once)
{
	struct process *p = process(10, 64 * MIB);

	pagewalk_run(walk, table, NS_PER_S);
	p->row->rss += 36 * MIB;
	pagewalk_run(walk, table, NS_PER_S + 50 * NS_PER_MS);
	ck_assert_uint_eq(pagewalk_reads(walk), 1);
	p->row->rss += MIB;
	pagewalk_run(walk, table, NS_PER_S + 100 * NS_PER_MS);
	ck_assert_uint_eq(pagewalk_reads(walk), 2);
	/* But never twice in a look, although the file still has the old size. */
	pagewalk_run(walk, table, NS_PER_S + 100 * NS_PER_MS);
	ck_assert_uint_eq(pagewalk_reads(walk), 2);
}
END_TEST

START_TEST(lazily_freed_memory_is_read_at_each_look)
{
	struct process *much = lazy(10, 64 * MIB, 4 * MIB), *little, *forked;
	uint64_t at = NS_PER_S;

	little = lazy(11, 64 * MIB, 3 * MIB);
	forked = lazy(12, 64 * MIB, 8 * MIB);
	forked->forked = true;
	for (int look = 0; look < 5; look++, at += 50 * NS_PER_MS)
		pagewalk_run(walk, table, at);
	ck_assert_uint_eq(much->pss_ns, at - 50 * NS_PER_MS);
	ck_assert_uint_eq(little->pss_ns, NS_PER_S);
	ck_assert_uint_eq(forked->pss_ns, NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 2 + 5);
}
END_TEST

START_TEST(lazily_freed_memory_of_a_big_process_is_not_read_at_all)
{
	/* A read would stall the process for longer than the budget's part of a second. */
	struct process *p = lazy(10, 64 * MIB, 32 * MIB);

	pagewalk_run(walk, table, NS_PER_S);
	p->row->rss = GIB;
	for (uint64_t at = 2; at < 100; at++)
		pagewalk_run(walk, table, at * NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 1);
}
END_TEST

START_TEST(a_changed_process_is_read_before_unchanged_lazily_freed_memory)
{
	struct process *changed = process(10, 300 * MIB), *p;
	uint64_t at = NS_PER_S;

	pagewalk_run(walk, table, at);
	ck_assert_uint_eq(changed->pss_ns, at);
	for (pid_t pid = 11; pid < 21; pid++)
		lazy(pid, 300 * MIB, 200 * MIB);
	/* All are read, in the course of time. */
	for (at += NS_PER_S; at < 100 * NS_PER_S; at += NS_PER_S)
		pagewalk_run(walk, table, at);
	p = process_find(table, 10);
	p->row->rss -= 60 * MIB;
	for (int look = 0; look < 3; look++, at += NS_PER_S)
		pagewalk_run(walk, table, at);
	ck_assert_uint_ge(process_find(table, 10)->pss_ns, at - 3 * NS_PER_S);
}
END_TEST

START_TEST(a_read_dearer_than_the_savings_waits_for_them)
{
	/* 26 ms; 20 are saved at first, then 50 in each second. */
	pagewalk_destroy(walk);
	walk = pagewalk_create(tree.fd, 0.05);
	process(10, 2 * GIB);
	pagewalk_run(walk, table, NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 0);
	pagewalk_run(walk, table, 2 * NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 1);
}
END_TEST

START_TEST(a_process_that_a_read_would_stall_for_long_is_never_read)
{
	static const struct {
		double budget;
		uint64_t rss;
	} rows[] = { { 0.01, GIB }, { 0.05, 5 * GIB }, { 1, 9 * GIB } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		pagewalk_destroy(walk);
		walk = pagewalk_create(tree.fd, rows[i].budget);
		process((pid_t)(10 + i), rows[i].rss);
		for (uint64_t at = 1; at < 1000; at++)
			pagewalk_run(walk, table, at * NS_PER_S);
		ck_assert_uint_eq(pagewalk_reads(walk), 0);
		process_remove(table, process_find(table, (pid_t)(10 + i)));
	}
}
END_TEST

START_TEST(without_a_budget_only_forked_processes_are_read)
{
	struct process *p;

	pagewalk_destroy(walk);
	walk = pagewalk_create(tree.fd, 0);
	process(10, MIB);
	p = process(11, MIB);
	p->forked = true;
	pagewalk_run(walk, table, NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 1);
	ck_assert_uint_eq(p->pss_ns, NS_PER_S);
	/* Copy-on-write changes them without a trace: they age. */
	pagewalk_run(walk, table, 3 * NS_PER_S);
	ck_assert_uint_eq(p->pss_ns, 3 * NS_PER_S);
}
END_TEST

START_TEST(who_has_no_memory_or_may_not_be_read_is_passed_over)
{
	process(10, 0);
	process(11, MIB)->unreadable = true;
	pagewalk_run(walk, table, NS_PER_S);
	ck_assert_uint_eq(pagewalk_reads(walk), 0);
}
END_TEST

static const struct {
	const char *what, *rollup; /* NULL: none; "/": cannot be read */
	int rc;
} failures[] = {
	{ "gone", NULL, -ESRCH },
	{ "not readable", "/", -EISDIR },
	{ "a key without a number", "Rss: 8 kB\nPss: lots kB\n", -EINVAL },
};

START_TEST(what_could_not_be_read_keeps_its_last_figures)
{
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct process *p = process((pid_t)(10 + i), 8 * MIB);
		uint64_t reads = pagewalk_reads(walk);

		SAME(failures[i].what, pagewalk_read(walk, p, 1), 0);
		tree_remove(&tree, p->pid, "smaps_rollup");
		if (failures[i].rollup && *failures[i].rollup == '/')
			tree_spoil(&tree, p->pid, "smaps_rollup");
		else if (failures[i].rollup)
			tree_write(&tree, p->pid, "smaps_rollup", failures[i].rollup);
		SAME(failures[i].what, pagewalk_read(walk, p, 2), failures[i].rc);
		SAME(failures[i].what, p->smaps.pss, 4 * MIB);
		SAME(failures[i].what, p->pss_ns, 1);
		SAME(failures[i].what, p->walk_ns, 2);
		SAME(failures[i].what, pagewalk_reads(walk), reads + 1);
	}
}
END_TEST

START_TEST(before_linux_4_14_smaps_is_added_up)
{
	struct text one = text_of_fixture("linux-3.10/smaps");
	static char smaps[300 * 1024];
	struct process *p = process(10, 8 * MIB);
	size_t n = 0, times = 0;

	/* Longer than a piece, so that pieces must end at a mapping. */
	for (; n + one.len < sizeof(smaps); n += one.len, times++)
		memcpy(smaps + n, one.data, one.len);
	tree_remove(&tree, 0, "self");
	tree_remove(&tree, 10, "smaps_rollup");
	tree_write_bytes(&tree, 10, "smaps", smaps, n);
	ck_assert_int_eq(pagewalk_read(walk, p, 1), 0);
	ck_assert_uint_eq(p->smaps.rss, times * 3600 * KIB);
	ck_assert_uint_eq(p->smaps.pss, times * 1916 * KIB);
	ck_assert_uint_eq(p->smaps.uss, times * 1000 * KIB);
	ck_assert_uint_eq(p->smaps.pss_anon, times * 1500 * KIB);
	text_free(&one);
}
END_TEST

START_TEST(smaps_without_any_mapping_in_a_piece_is_refused)
{
	static char smaps[100 * 1024];
	struct process *p = process(10, 8 * MIB);

	memset(smaps, 'x', sizeof(smaps));
	tree_remove(&tree, 0, "self");
	tree_remove(&tree, 10, "smaps_rollup");
	tree_write_bytes(&tree, 10, "smaps", smaps, sizeof(smaps));
	ck_assert_int_eq(pagewalk_read(walk, p, 1), -EINVAL);
	ck_assert_uint_eq(p->pss_ns, 0);
}
END_TEST

START_TEST(small_files_are_read_whole_or_cut_with_an_end)
{
	char text[5000], buf[8000];

	memset(text, 'x', sizeof(text));
	tree_write_bytes(&tree, 0, "f", text, sizeof(text));
	memset(buf, 'y', sizeof(buf));
	ck_assert_int_eq(procfile_read(tree.fd, "f", buf, sizeof(buf)), 5000);
	ck_assert_uint_eq(strlen(buf), 5000);
	ck_assert_int_eq(procfile_read(tree.fd, "f", buf, 100), 99);
	ck_assert_uint_eq(strlen(buf), 99);
	ck_assert_int_eq(procfile_read(tree.fd, "f", buf, 1), 0);
	ck_assert_int_eq(buf[0], '\0');
	ck_assert_int_eq(procfile_read(tree.fd, "none", buf, sizeof(buf)), -ENOENT);
	tree_spoil(&tree, 0, "f");
	ck_assert_int_eq(procfile_read(tree.fd, "f", buf, sizeof(buf)), -EISDIR);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("pagewalk");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_process_that_was_never_read_is_read);
	tcase_add_test(tc, a_read_is_stale_when_the_process_has_changed);
	tcase_add_test(tc, a_read_is_stale_when_others_share_more);
	tcase_add_test(tc, only_what_changed_is_read_again_and_not_at_once);
	tcase_add_test(tc, what_grew_fast_is_read_again_at_once);
	tcase_add_test(tc, lazily_freed_memory_is_read_at_each_look);
	tcase_add_test(tc, lazily_freed_memory_of_a_big_process_is_not_read_at_all);
	tcase_add_test(tc, a_changed_process_is_read_before_unchanged_lazily_freed_memory);
	tcase_add_test(tc, a_read_dearer_than_the_savings_waits_for_them);
	tcase_add_test(tc, a_process_that_a_read_would_stall_for_long_is_never_read);
	tcase_add_test(tc, without_a_budget_only_forked_processes_are_read);
	tcase_add_test(tc, who_has_no_memory_or_may_not_be_read_is_passed_over);
	tcase_add_test(tc, what_could_not_be_read_keeps_its_last_figures);
	tcase_add_test(tc, before_linux_4_14_smaps_is_added_up);
	tcase_add_test(tc, smaps_without_any_mapping_in_a_piece_is_refused);
	tcase_add_test(tc, small_files_are_read_whole_or_cut_with_an_end);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel stacks, the bound from VmHWM, lazily freed and merged memory, and shared memory that only PSS shows. */
#include <unistd.h>

#include "base/kernel_stack.h"
#include "tests/unit/looks.h"
#include "tests/unit/unit.h"

static struct process *process(const struct fake *f)
{
	struct process *p = process_find(table, f->pid);

	tree_process(&tree, f);
	return p ? p : process_add(table, f->pid);
}

START_TEST(each_thread_has_a_stack_in_the_kernel)
{
	uint64_t stack = kernel_stack_bytes(pages);

	process(&(struct fake){
		.pid = 10, .size = 9000, .rss = 10, .pte_kib = 40, .threads = 1500 });
	process(&(struct fake){ .pid = 11, .size = 9000, .rss = 10, .pte_kib = 40, .threads = 1 });
	look(10000);
	ck_assert_uint_eq(sample.kernel, 80 * KIB + 1501 * stack);
	ck_assert_uint_eq(process_find(table, 10)->row->kernel, 40 * KIB + 1500 * stack);
}
END_TEST

START_TEST(threads_that_came_later_show_by_their_address_space)
{
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 10, .threads = 1 });
	look(10000);
	/* Long after that the process is not young any more. */
	look(100000);
	process(&(struct fake){ .pid = 10, .size = 90000, .rss = 10, .threads = 100 });
	look(101000);
	ck_assert_uint_eq(sample.kernel, 100 * kernel_stack_bytes(pages));
}
END_TEST

START_TEST(a_peak_between_looks_is_in_the_bound)
{
	unsigned kib = (unsigned)(pages / KIB);
	struct fake f = { .pid = 10, .size = 9000, .rss = 1000, .hwm_kib = 1000 * kib };

	process(&f);
	process(&(struct fake){ .pid = 11, .size = 9000, .rss = 500, .hwm_kib = 600 * kib });
	look(10000);
	ck_assert_uint_eq(sample_footprint(&sample), 1500 * pages);
	ck_assert_uint_eq(procfs_bound(procfs), 1600 * pages);
	/* Nothing but VmHWM shows the peak: the status of young processes is read again in any case. */
	f.hwm_kib = 7000 * kib;
	process(&f);
	look(11000);
	ck_assert_uint_eq(sample_footprint(&sample), 1500 * pages);
	ck_assert_uint_eq(procfs_bound(procfs), 7600 * pages);
	/* The bound is of the whole life of the step. */
	tree_remove(&tree, 10, NULL);
	look(12000);
	ck_assert_uint_eq(procfs_bound(procfs), 7600 * pages);
}
END_TEST

START_TEST(what_a_process_has_unmapped_is_no_peak_of_its_own)
{
	unsigned kib = (unsigned)(pages / KIB);
	struct fake f = {
		.pid = 10, .size = 9000, .rss = 1000, .shared = 600, .hwm_kib = 1000 * kib
	};

	process(&f);
	look(10000);
	ck_assert_uint_eq(procfs_bound(procfs), 400 * pages);
	f.rss = 400;
	f.shared = 0;
	process(&f);
	look(11000);
	ck_assert_uint_eq(procfs_bound(procfs), 400 * pages);
	/* More than was seen mapped may have been the process's own. */
	f.hwm_kib = 1300 * kib;
	process(&f);
	look(13000);
	ck_assert_uint_eq(procfs_bound(procfs), 700 * pages);
	/* Another program has not unmapped anything. */
	f.stack = 77;
	f.size = 20000;
	process(&f);
	look(17000);
	ck_assert_uint_eq(procfs_bound(procfs), 1300 * pages);
}
END_TEST

/* The figures of a read of smaps_rollup at that time, in pages. */
static void was_read(pid_t pid, uint64_t at_ms, uint64_t anonymous, uint64_t lazyfree)
{
	struct process *p = process_find(table, pid);

	p->pss_ns = at_ms * NS_PER_MS;
	p->smaps = (struct smaps){ .rss = anonymous * pages,
		.anonymous = anonymous * pages,
		.lazyfree = lazyfree * pages };
}

static const struct {
	const char *what;
	uint64_t read_ms; /* the look is at 20000 */
	uint64_t anonymous, lazyfree, merged; /* pages; statm says 1000 */
	bool forked;
	uint64_t private, spared; /* pages */
} spared[] = {
	{ "read in this look", 20000, 1000, 700, 0, false, 300, 700 },
	{ "read before: used again, perhaps", 19999, 1000, 700, 0, false, 1000, 0 },
	{ "nothing is lazily freed", 20000, 900, 0, 0, false, 1000, 0 },
	{ "more came and went since statm", 20000, 2000, 1700, 0, false, 300, 700 },
	{ "more came since statm", 20000, 2000, 100, 0, false, 1000, 0 },
	{ "all is lazily freed", 20000, 1000, 1000, 0, false, 0, 1000 },
	{ "merged", 0, 0, 0, 750, false, 250, 750 },
	{ "merged more than there is", 0, 0, 0, 1500, false, 0, 1000 },
	{ "both", 20000, 1000, 500, 100, false, 400, 600 },
	{ "a fork group has Pss_Anon", 20000, 1000, 500, 100, true, 0, 0 },
};

START_TEST(private_leaves_out_what_the_process_can_give_back_or_has_in_common)
{
	for (size_t i = 0; i < COUNT(spared); i++) {
		struct process *p;

		end();
		begin();
		process(&(struct fake){
			.pid = 10, .size = 9000, .rss = 1500, .shared = 500, .threads = 1 });
		look(10000);
		was_read(10, spared[i].read_ms, spared[i].anonymous, spared[i].lazyfree);
		p = process_find(table, 10);
		p->merged = spared[i].merged * pages;
		p->forked = spared[i].forked;
		look(20000);
		SAME(spared[i].what, p->row->private, spared[i].private * pages);
		SAME(spared[i].what, p->row->spared, spared[i].spared * pages);
		SAME(spared[i].what, sample.private, spared[i].private * pages);
		SAME(spared[i].what, sample.spared, spared[i].spared * pages);
		SAME(spared[i].what, sample.merged, spared[i].merged * pages);
		/* All of it may have been in use at some time. */
		SAME(spared[i].what, procfs_bound(procfs) >= 1000 * pages, 1);
	}
}
END_TEST

/* Where mappings may not be followed, only PSS tells how much is shared. */
static void unmeasured(pid_t pid, unsigned shared, uint64_t pss_shmem)
{
	struct process *p = process(&(struct fake){
		.pid = pid, .size = 9000, .rss = shared, .shared = shared, .threads = 1 });

	look(10000);
	p->unmeasured = true;
	p->pss_ns = pss_shmem ? 1 : 0;
	p->smaps = (struct smaps){ .rss = shared * pages, .pss_shmem = pss_shmem };
	p->pss_sharing = UINT64_MAX / 2;
}

START_TEST(shared_memory_that_pss_has_shown_stays_while_it_is_mapped)
{
	const unsigned store = 256;
	struct process *first, *second;

	unmeasured(10, store, store * pages);
	first = process_find(table, 10);
	first->pss_sharing = store * pages;
	procfs_sample(procfs, 10001 * NS_PER_MS, &sample);
	ck_assert_uint_eq(sample.shared, store * pages);
	/* A second process halves the first one's PSS. The budget has not allowed to read its own. */
	unmeasured(11, store, 0);
	first = process_find(table, 10);
	second = process_find(table, 11);
	first->unmeasured = second->unmeasured = true;
	first->smaps.pss_shmem = store * pages / 2;
	first->pss_sharing = 2 * store * pages;
	procfs_sample(procfs, 10002 * NS_PER_MS, &sample);
	ck_assert_uint_eq(sample.shared, store * pages);
	/* One has gone, and the other has unmapped half. Its PSS is that of before. */
	process_remove(table, process_find(table, 11));
	unmeasured(10, store / 2, store * pages / 4);
	procfs_sample(procfs, 10003 * NS_PER_MS, &sample);
	ck_assert_uint_eq(sample.shared, store * pages / 2);
}
END_TEST

/* What is not read of it may be what others map, too, so only the greatest counts. */
START_TEST(a_process_that_is_not_scanned_has_at_least_what_statm_says)
{
	struct reading reading = { 0 };
	struct shunned shunned = { 0 };

	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 700, .shared = 600 });
	process(&(struct fake){ .pid = 11, .size = 9000, .rss = 450, .shared = 400 });
	process_table_watch(table, &reading, &shunned);
	shunned_add(&shunned, 10, 10000 * NS_PER_MS);
	process_table_begin(table, 10000 * NS_PER_MS);
	look(10000);
	ck_assert(process_find(table, 10)->shunned && !process_find(table, 11)->shunned);
	ck_assert_uint_eq(sample.private, 150 * pages);
	ck_assert_uint_eq(sample.shared, 600 * pages);
	ck_assert_uint_eq(process_find(table, 10)->whole_ns, 0);
	/* Later the process is read again. */
	process_table_begin(table, 80000 * NS_PER_MS);
	look(80000);
	ck_assert(!process_find(table, 10)->shunned);
	ck_assert_uint_ne(process_find(table, 10)->whole_ns, 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("totals");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, each_thread_has_a_stack_in_the_kernel);
	tcase_add_test(tc, threads_that_came_later_show_by_their_address_space);
	tcase_add_test(tc, a_peak_between_looks_is_in_the_bound);
	tcase_add_test(tc, what_a_process_has_unmapped_is_no_peak_of_its_own);
	tcase_add_test(tc, private_leaves_out_what_the_process_can_give_back_or_has_in_common);
	tcase_add_test(tc, shared_memory_that_pss_has_shown_stays_while_it_is_mapped);
	tcase_add_test(tc, a_process_that_is_not_scanned_has_at_least_what_statm_says);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ray's fallback; what objects cost, and what becomes of more objects than the bounds allow. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/object_table.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/procfs.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

enum { PROCESSES = 16, EACH = 13, LOOKS_MAX = 200 };

static struct tree tree;
static struct process_table *table;
static struct objects *objects;
static uint64_t now_ns;

static void begin(void)
{
	tree_create(&tree);
	table = process_table_create(64);
	objects = objects_create(tree.fd);
	now_ns = 1;
}

static void end(void)
{
	objects_destroy(objects);
	process_table_destroy(table);
	tree_destroy(&tree);
}

static struct process *process(pid_t pid)
{
	struct fake f = { .pid = pid, .ppid = 1 };
	struct process *p = process_add(table, pid);

	tree_process(&tree, &f);
	p->status.uid = geteuid();
	return p;
}

static void scan(pid_t pid)
{
	ck_assert_int_eq(objects_scan(objects, process_find(table, pid), now_ns, true), 0);
}

/* A look in which no scan is due otherwise. Returns how many processes it scanned. */
static uint64_t measure(void)
{
	uint64_t before = objects_scans(objects);

	objects_measure(objects, table, ++now_ns);
	return objects_scans(objects) - before;
}

static uint64_t shared(void)
{
	return objects_totals(objects).shared;
}

static uint64_t kept(void)
{
	return objects_left_out(objects).kept;
}

static void close_all(int fds[EACH])
{
	for (unsigned k = 0; k < EACH; k++)
		close(fds[k]);
}

START_TEST(objects_of_their_own_that_vanish_cost_one_scan_of_each_process)
{
	int fds[PROCESSES][EACH];

	for (int i = 0; i < PROCESSES; i++) {
		process(10 + i);
		for (unsigned k = 0; k < EACH; k++) {
			fds[i][k] = tree_memory(page_size());
			tree_map(&tree, 10 + i, k, "rw-s", fds[i][k], "/memfd:x (deleted)");
		}
		scan(10 + i);
	}
	ck_assert_uint_eq(measure(), 0);
	ck_assert_uint_eq(shared(), PROCESSES * EACH * page_size());
	for (int i = 0; i < PROCESSES; i++)
		tree_unmap(&tree, 10 + i);
	ck_assert_uint_eq(measure(), PROCESSES);
	ck_assert_uint_eq(shared(), 0);
	ck_assert_uint_eq(measure(), 0);
	for (int i = 0; i < PROCESSES; i++)
		close_all(fds[i]);
}
END_TEST

/* All processes map the same objects. */
static void map_by_all(int fds[EACH])
{
	for (unsigned k = 0; k < EACH; k++)
		fds[k] = tree_memory(page_size());
	for (int i = 0; i < PROCESSES; i++) {
		process(10 + i);
		for (unsigned k = 0; k < EACH; k++)
			tree_map(&tree, 10 + i, k, "rw-s", fds[k], "/memfd:x (deleted)");
		scan(10 + i);
	}
	ck_assert_uint_eq(measure(), 0);
}

START_TEST(objects_of_all_that_vanish_cost_one_scan_of_each_process)
{
	int fds[EACH];

	map_by_all(fds);
	for (int i = 0; i < PROCESSES; i++)
		tree_unmap(&tree, 10 + i);
	ck_assert_uint_eq(measure(), PROCESSES);
	ck_assert_uint_eq(shared(), 0);
	ck_assert_uint_eq(measure(), 0);
	close_all(fds);
}
END_TEST

START_TEST(a_process_is_scanned_once_in_a_look_whoever_asks)
{
	uint64_t before;
	int fds[EACH];

	map_by_all(fds);
	for (int i = 0; i < PROCESSES; i++)
		tree_unmap(&tree, 10 + i);
	before = objects_scans(objects);
	now_ns++;
	for (pid_t pid = 10; pid < 10 + PROCESSES; pid++)
		ck_assert_int_eq(objects_scan(objects, process_find(table, pid), now_ns, false), 0);
	objects_measure(objects, table, now_ns);
	ck_assert_uint_eq(objects_scans(objects) - before, PROCESSES);
	/* Those scans saw mappings alone: a descriptor may hold the objects. */
	ck_assert_uint_eq(kept(), EACH);
	ck_assert_uint_eq(measure(), PROCESSES);
	ck_assert_uint_eq(shared(), 0);
	close_all(fds);
}
END_TEST

START_TEST(another_known_witness_costs_no_scan)
{
	int fds[EACH];

	map_by_all(fds);
	tree_unmap(&tree, 10);
	tree_remove(&tree, 11, NULL);
	process_remove(table, process_find(table, 11));
	ck_assert_uint_eq(measure(), 0);
	ck_assert_uint_eq(shared(), EACH * page_size());
	close_all(fds);
}
END_TEST

START_TEST(a_witness_that_is_not_known_is_found_by_scans)
{
	int fds[EACH];

	map_by_all(fds);
	for (int i = 0; i < PROCESSES - 1; i++)
		tree_unmap(&tree, 10 + i);
	ck_assert_uint_le(measure(), PROCESSES);
	ck_assert_uint_eq(shared(), EACH * page_size());
	ck_assert_uint_eq(kept(), 0);
	/* The last process is the witness now. */
	ck_assert_uint_eq(measure(), 0);
	tree_unmap(&tree, 10 + PROCESSES - 1);
	measure();
	ck_assert_uint_eq(shared(), 0);
	close_all(fds);
}
END_TEST

START_TEST(a_search_beyond_the_budget_goes_on_at_the_next_look)
{
	unsigned looks = 1;
	int fds[EACH];

	objects_budget(objects, 0, 0);
	map_by_all(fds);
	for (int i = 0; i < PROCESSES; i++)
		tree_unmap(&tree, 10 + i);
	ck_assert_uint_lt(measure(), PROCESSES);
	/* Nobody is known to map them, and nobody is known not to. */
	ck_assert_uint_eq(kept(), EACH);
	ck_assert_uint_eq(shared(), EACH * page_size());
	for (; kept() && looks < LOOKS_MAX; looks++)
		measure();
	ck_assert_uint_eq(looks, 2);
	ck_assert_uint_eq(shared(), 0);
	ck_assert_uint_eq(measure(), 0);
	close_all(fds);
}
END_TEST

/* Scans one process look after look until no budget cuts the scan. Returns the number of looks. */
static unsigned scan_to_the_end(pid_t pid)
{
	unsigned looks = 0;

	do {
		now_ns++;
		scan(pid);
		SAME("told", objects_left_out(objects).processes,
			process_find(table, pid)->scan.missing);
	} while (process_find(table, pid)->scan.incomplete && ++looks < LOOKS_MAX);
	return looks;
}

START_TEST(many_mappings_are_read_over_several_looks)
{
	static char maps[400 * 1024];
	int fd = tree_memory(MIB), n = 0;

	process(10);
	for (int i = 16; i < 5016; i++)
		n += snprintf(maps + n, sizeof(maps) - (size_t)n,
			"%x000-%x000 r--p 00000000 00:00 %d /lib/x\n", i, i + 1, i);
	tree_write_bytes(&tree, 10, "maps", maps, (size_t)n);
	tree_map(&tree, 10, 0, "rw-s", fd, "/memfd:x (deleted)");
	objects_budget(objects, 0, 0);
	ck_assert_uint_ge(scan_to_the_end(10), 4);
	ck_assert_uint_eq(shared(), MIB);
	ck_assert_uint_eq(objects_totals(objects).file, 5000 * 4 * KIB);
	/* Within the budget one look is enough. */
	objects_budget(objects, NS_PER_S * 60, NS_PER_S * 60);
	ck_assert_uint_eq(scan_to_the_end(10), 0);
	close(fd);
}
END_TEST

START_TEST(many_mappings_are_asked_for_over_several_looks)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = tree_memory(MIB);
	struct objects *real = objects_create(proc), *fake = objects;
	size_t page = page_size(), size = 3000 * 2 * page;
	char *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	for (size_t i = 0; i < size; i += 2 * page)
		ck_assert_ptr_ne(
			mmap(at + i, page, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0), MAP_FAILED);
	objects = real;
	objects_budget(objects, 0, 0);
	process_add(table, getpid());
	ck_assert_uint_ge(scan_to_the_end(getpid()), 2);
	objects = fake;
	objects_destroy(real);
	munmap(at, size);
	close(fd);
	close(proc);
}
END_TEST

/* A later scan finds again what is known, so nothing is missing where it is cut. */
START_TEST(a_scan_that_is_cut_misses_only_what_no_earlier_one_has_seen)
{
	static char maps[400 * 1024];
	struct process *p = process(10);
	int n = 0;

	for (int i = 16; i < 8016; i++) {
		n += snprintf(maps + n, sizeof(maps) - (size_t)n,
			"%x000-%x000 r--p 00000000 00:00 %d /lib/x\n", i, i + 1, i);
		if (i == 5016)
			tree_write_bytes(&tree, 10, "maps", maps, (size_t)n);
	}
	objects_budget(objects, 0, 0);
	ck_assert_uint_ge(scan_to_the_end(10), 4);
	now_ns++;
	scan(10);
	ck_assert(p->scan.incomplete && !p->scan.missing);
	p->row->file_shmem += MIB;
	now_ns++;
	scan(10);
	ck_assert(p->scan.incomplete && p->scan.missing);
	p->row->file_shmem -= MIB;
	while (p->scan.incomplete) {
		now_ns++;
		scan(10);
	}
	/* Some more mappings are missed when the scan has come so far. */
	tree_write_bytes(&tree, 10, "maps", maps, (size_t)n);
	do {
		now_ns++;
		scan(10);
	} while (p->scan.incomplete && !p->scan.missing);
	ck_assert(p->scan.missing);
	ck_assert_uint_gt(p->scan.steps, 6000);
}
END_TEST

START_TEST(many_descriptors_are_read_over_several_looks)
{
	int fd = tree_memory(MIB);
	char name[32];

	process(10);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "fd/%u", i);
		tree_link(&tree, 10, name, "pipe:[1]");
	}
	tree_descriptor(&tree, 10, 3000, fd, "x");
	objects_budget(objects, 0, 0);
	ck_assert_uint_ge(scan_to_the_end(10), 2);
	ck_assert_uint_eq(shared(), MIB);
	close(fd);
}
END_TEST

START_TEST(many_objects_are_measured_over_several_looks)
{
	enum { N = 3000 };
	static int fds[N];
	unsigned looks = 0;

	procfs_raise_descriptors();
	process(10);
	for (unsigned i = 0; i < N; i++) {
		fds[i] = tree_memory(page_size());
		tree_map(&tree, 10, i, "rw-s", fds[i], "/memfd:x (deleted)");
	}
	objects_budget(objects, NS_PER_S * 60, NS_PER_S * 60);
	scan(10);
	ck_assert_uint_eq(shared(), N * page_size());
	objects_budget(objects, 0, 0);
	for (unsigned i = 0; i < N; i++)
		ck_assert_int_eq(ftruncate(fds[i], 0), 0);
	do
		measure();
	while (shared() && ++looks < LOOKS_MAX && kept());
	ck_assert_uint_ge(looks, 2);
	ck_assert_uint_eq(shared(), 0);
	for (unsigned i = 0; i < N; i++)
		close(fds[i]);
}
END_TEST

START_TEST(a_table_takes_all_up_to_its_bound)
{
	struct object_table t = { 0 };

	for (uint64_t i = 0; i < OBJECTS_MAX; i++)
		ck_assert_int_eq(object_table_add(&t, 1 + i % 3, i / 2, i & 1), (int)i);
	ck_assert_int_eq(object_table_add(&t, 1, OBJECTS_MAX, false), -1);
	/* Every second one leaves; the others are still found. */
	for (uint64_t i = 0; i < OBJECTS_MAX; i += 2)
		object_table_remove(&t, (unsigned)object_table_find(&t, 1 + i % 3, i / 2, i & 1));
	ck_assert_uint_eq(t.n, OBJECTS_MAX / 2);
	for (uint64_t i = 0; i < OBJECTS_MAX; i++) {
		int found = object_table_find(&t, 1 + i % 3, i / 2, i & 1);

		ck_assert_int_eq(found >= 0, i & 1);
		ck_assert(found < 0 || t.rows[found].ino == i / 2);
	}
	ck_assert_int_ge(object_table_add(&t, 1, OBJECTS_MAX, false), 0);
	object_table_clear(&t);
}
END_TEST

START_TEST(a_store_on_disk_is_known_by_its_length_whenever_that_is_told)
{
	struct object_table t = { 0 };
	const struct object_witness store = { 10, 0, 4 * MIB }, part = { 10, 4 * MIB, 5 * MIB };
	const struct object_witness descriptor = { 10, 7, 0 };
	int long_one = object_table_add(&t, 1, 1, false),
	    short_one = object_table_add(&t, 1, 2, false);
	int open_one = object_table_add(&t, 1, 3, false);

	object_table_witness(&t, (unsigned)long_one, &store, 1);
	object_table_witness(&t, (unsigned)short_one, &part, 1);
	object_table_witness(&t, (unsigned)open_one, &descriptor, 1);
	object_table_store_at(&t, 4 * MIB);
	ck_assert(t.rows[long_one].store);
	ck_assert(!t.rows[short_one].store);
	ck_assert(!t.rows[open_one].store);
	object_table_clear(&t);
}
END_TEST

START_TEST(what_falls_back_to_a_tmpfs_is_memory_and_no_store)
{
	int store = tree_memory(4 * MIB), object = tree_memory(2 * MIB);

	process(10);
	objects_store_size(objects, 4 * MIB);
	tree_map(&tree, 10, 0, "rw-s", store, "/dev/shm/plasmaX (deleted)");
	tree_map(&tree, 10, 1, "rw-s", object, "/tmp/ray/session/plasmaY (deleted)");
	scan(10);
	measure();
	ck_assert_uint_eq(shared(), 6 * MIB);
	ck_assert_uint_eq(objects_totals(objects).store, 4 * MIB);
	ck_assert_uint_eq(objects_totals(objects).fallback, 2 * MIB);
	close(store);
	close(object);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("objects' bounds");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_falls_back_to_a_tmpfs_is_memory_and_no_store);
	tcase_add_test(tc, a_store_on_disk_is_known_by_its_length_whenever_that_is_told);
	tcase_add_test(tc, objects_of_their_own_that_vanish_cost_one_scan_of_each_process);
	tcase_add_test(tc, objects_of_all_that_vanish_cost_one_scan_of_each_process);
	tcase_add_test(tc, a_process_is_scanned_once_in_a_look_whoever_asks);
	tcase_add_test(tc, another_known_witness_costs_no_scan);
	tcase_add_test(tc, a_witness_that_is_not_known_is_found_by_scans);
	tcase_add_test(tc, a_search_beyond_the_budget_goes_on_at_the_next_look);
	tcase_add_test(tc, many_mappings_are_read_over_several_looks);
	tcase_add_test(tc, many_mappings_are_asked_for_over_several_looks);
	tcase_add_test(tc, a_scan_that_is_cut_misses_only_what_no_earlier_one_has_seen);
	tcase_add_test(tc, many_descriptors_are_read_over_several_looks);
	tcase_add_test(tc, many_objects_are_measured_over_several_looks);
	tcase_add_test(tc, a_table_takes_all_up_to_its_bound);
	return unit_run();
}

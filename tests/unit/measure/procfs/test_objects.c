/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/vma_stat.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct objects *objects;

static void begin(void)
{
	tree_create(&tree);
	table = process_table_create(64);
	objects = objects_create(tree.fd);
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

static void scan(pid_t pid, bool whole)
{
	ck_assert_int_eq(objects_scan(objects, process_find(table, pid), 1, whole), 0);
}

/* What counts after a measure. */
static void totals_are(const char *row, uint64_t shared, uint64_t store)
{
	struct object_totals t;

	objects_measure(objects, table, 2);
	t = objects_totals(objects);
	SAME(row, t.shared, shared);
	SAME(row, t.store, store);
}

static const struct {
	const char *what, *perms, *path;
	uint64_t shared_mib, store_mib; /* of an object of 4 MiB in memory */
} mappings[] = {
	{ "Ray's store", "rw-s", "/dev/shm/plasmaXyZ123 (deleted)", 4, 4 },
	{ "a memfd", "rw-s", "/memfd:x (deleted)", 4, 0 },
	{ "a memfd, name with newline", "rw-s", "/memfd:a\\012b (deleted)", 4, 0 },
	{ "memory shared without a name", "rw-s", "/dev/zero (deleted)", 4, 0 },
	{ "a SysV segment", "rw-s", "/SYSV00000000 (deleted)", 4, 0 },
	{ "a file on tmpfs that has its name", "rw-s", "/dev/shm/x", 4, 0 },
	{ "read-only", "r--s", "/dev/shm/plasmaX", 4, 4 },
	{ "a private view of a deleted file", "rw-p", "/dev/shm/x (deleted)", 4, 0 },
	{ "a private view of the step's own file", "rw-p", "/dev/shm/model", 4, 0 },
	{ "a private view of one called plasma", "r--p", "/dev/shm/plasmaX", 4, 0 },
};

/* Files made later have a later time. */
static void next_tick(void)
{
	struct timespec first = file_clock(), now;

	do
		now = file_clock();
	while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

START_TEST(what_is_shared_memory_is_told_by_how_it_is_mapped)
{
	for (size_t i = 0; i < COUNT(mappings); i++) {
		int fd;

		next_tick();
		fd = tree_memory(4 * MIB);
		process(10);
		tree_map(&tree, 10, 0, mappings[i].perms, fd, mappings[i].path);
		scan(10, mappings[i].perms[3] == 'p');
		totals_are(mappings[i].what, mappings[i].shared_mib * MIB,
			mappings[i].store_mib * MIB);
		close(fd);
		end();
		begin();
	}
}
END_TEST

static const struct {
	const char *what, *path;
	bool made_before, of_another;
} found_files[] = {
	{ "a program on a diskless node", "/usr/bin/python3", true, false },
	{ "an earlier job's model", "/dev/shm/model", true, false },
	{ "another user's model", "/dev/shm/model", false, true },
};

START_TEST(a_private_view_of_what_the_step_has_not_made_is_not_its_memory)
{
	for (size_t i = 0; i < COUNT(found_files); i++) {
		int fd;

		next_tick();
		fd = tree_memory(4 * MIB);
		if (found_files[i].made_before) {
			objects_destroy(objects);
			objects = objects_create(tree.fd);
		}
		process(10)->status.uid += found_files[i].of_another;
		tree_map(&tree, 10, 0, "r--p", fd, found_files[i].path);
		scan(10, true);
		totals_are(found_files[i].what, 0, 0);
		ck_assert_uint_eq(objects_totals(objects).file, 4 * MIB);
		close(fd);
		end();
		begin();
	}
}
END_TEST

static const char pinned[] =
	"7f0000000000-7f0000200000 rw-s 00000000 00:08 77 socket:[77]\n"
	"7f0000200000-7f0000300000 rw-s 00000000 00:09 78 /secretmem (deleted)\n"
	"7f0000300000-7f0000400000 rw-p 00000000 00:09 79 /secretmem (deleted)\n"
	"7f0000400000-7f0000500000 rw-s 00000000 00:0a 80 socket:\n"
	"7f0000500000-7f0000600000 rw-s 10000000 00:10 9 anon_inode:[io_uring]\n"
	"7f0000600000-7f0000700000 rw-s 00000000 00:10 9 anon_inode:[io_uring]\n"
	"7f0000700000-7f0000800000 rw-s 00000000 00:10 9 anon_inode:bpf-map\n"
	"7f0000800000-7f0000900000 rw-s 00000000 00:10 9 anon_inode:[vfio-device]\n";

/* Rings of io_uring may have one inode; a child has them at the same addresses. */
START_TEST(pages_of_rings_and_secrets_cannot_be_dropped)
{
	for (pid_t pid = 10; pid < 12; pid++) {
		process(pid);
		tree_write(&tree, pid, "mountinfo", "");
		tree_write(&tree, pid, "maps", pinned);
		scan(pid, true);
		SAME("locked", objects_totals(objects).locked, 6 * MIB);
		SAME("shared", objects_totals(objects).shared, 0);
	}
}
END_TEST

START_TEST(an_object_counts_once_however_many_map_it)
{
	int store = tree_memory(4 * MIB), other = tree_memory(2 * MIB);

	for (pid_t pid = 10; pid < 40; pid++) {
		process(pid);
		tree_map(&tree, pid, 0, "rw-s", store, "/dev/shm/plasmaX (deleted)");
		/* Twice in one process, too. */
		tree_map(&tree, pid, 1, "rw-s", store, "/dev/shm/plasmaX (deleted)");
		tree_map(&tree, pid, 2, "rw-s", other, "/memfd:x (deleted)");
		scan(pid, false);
	}
	totals_are("30 processes", 6 * MIB, 4 * MIB);
	close(store);
	close(other);
}
END_TEST

START_TEST(growth_is_seen_without_another_scan)
{
	int fd = tree_memory(2 * MIB);

	process(10);
	ck_assert_int_eq(ftruncate(fd, 64 * MIB), 0);
	tree_map(&tree, 10, 0, "rw-s", fd, "/memfd:x (deleted)");
	scan(10, false);
	totals_are("sparse", 2 * MIB, 0);
	ck_assert_int_eq(posix_fallocate(fd, 0, 8 * MIB), 0);
	totals_are("grown", 8 * MIB, 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	totals_are("given back", 0, 0);
	close(fd);
}
END_TEST

START_TEST(where_a_witness_is_gone_another_takes_its_place)
{
	int fd = tree_memory(4 * MIB);

	for (pid_t pid = 10; pid < 13; pid++) {
		process(pid);
		tree_map(&tree, pid, 0, "rw-s", fd, "/dev/shm/plasmaX (deleted)");
		scan(pid, false);
	}
	totals_are("three witnesses", 4 * MIB, 4 * MIB);
	tree_remove(&tree, 12, NULL);
	process_remove(table, process_find(table, 12));
	totals_are("one has ended", 4 * MIB, 4 * MIB);
	tree_unmap(&tree, 10);
	totals_are("one maps it no more", 4 * MIB, 4 * MIB);
	tree_unmap(&tree, 11);
	totals_are("nobody maps it", 0, 0);
	close(fd);
}
END_TEST

START_TEST(another_object_at_the_same_addresses_is_another_object)
{
	int first = tree_memory(4 * MIB), second = tree_memory(4 * MIB);

	process(10);
	tree_map(&tree, 10, 0, "rw-s", first, "/memfd:x (deleted)");
	scan(10, false);
	tree_unmap(&tree, 10);
	ck_assert_int_eq(posix_fallocate(second, 0, 4 * MIB), 0);
	tree_map(&tree, 10, 0, "rw-s", second, "/memfd:y (deleted)");
	totals_are("found again by its own scan", 4 * MIB, 0);
	close(first);
	close(second);
}
END_TEST

START_TEST(many_objects_move_to_another_witness)
{
	enum { N = 24 };
	int fds[N];

	process(10);
	process(11);
	for (unsigned i = 0; i < N; i++) {
		fds[i] = tree_memory(2 * MIB);
		tree_map(&tree, 10, i, "rw-s", fds[i], "/memfd:x (deleted)");
		tree_map(&tree, 11, i, "rw-s", fds[i], "/memfd:x (deleted)");
	}
	scan(10, false);
	scan(11, false);
	totals_are("both", N * 2 * MIB, 0);
	tree_unmap(&tree, 11);
	totals_are("the other one", N * 2 * MIB, 0);
	tree_unmap(&tree, 10);
	totals_are("nobody", 0, 0);
	for (unsigned i = 0; i < N; i++)
		close(fds[i]);
}
END_TEST

START_TEST(what_is_open_and_not_mapped_is_found_by_its_descriptor)
{
	int fd = tree_memory(4 * MIB);

	process(10);
	tree_descriptor(&tree, 10, 5, fd, "plasmaX (deleted)");
	scan(10, false);
	totals_are("maps alone do not tell", 0, 0);
	scan(10, true);
	totals_are("descriptors do", 4 * MIB, 4 * MIB);
	tree_remove(&tree, 10, "fd/5");
	totals_are("closed", 0, 0);
	close(fd);
}
END_TEST

START_TEST(what_another_user_owns_is_not_counted_for_being_open)
{
	int fd = tree_memory(4 * MIB);

	process(10)->status.uid = geteuid() + 1;
	tree_descriptor(&tree, 10, 5, fd, "x");
	scan(10, true);
	totals_are("of another user", 0, 0);
	close(fd);
}
END_TEST

START_TEST(plasma_on_disk_is_fallback_and_page_cache)
{
	static const char *const places[] = { ".", "/var/tmp", "/tmp" };
	struct object_totals t;
	struct statfs fs;
	struct stat st;
	char path[64];
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < COUNT(places); i++) {
		if (statfs(places[i], &fs) || (unsigned long)fs.f_type == TMPFS_MAGIC)
			continue;
		snprintf(path, sizeof(path), "%s/plasmaXXXXXX", places[i]);
		fd = mkstemp(path);
	}
	if (fd < 0)
		return; /* nothing but tmpfs here */
	unlink(path);
	ck_assert_int_eq(posix_fallocate(fd, 0, MIB), 0);
	ck_assert_int_eq(ftruncate(fd, 4 * MIB), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	process(10);
	tree_map(&tree, 10, 0, "rw-s", fd, "/tmp/ray/plasmaX (deleted)");
	/* Less than the store has, so it is not the store. */
	objects_store_size(objects, GIB);
	scan(10, false);
	totals_are("no memory", 0, 0);
	t = objects_totals(objects);
	ck_assert_uint_eq(t.fallback, (uint64_t)st.st_blocks * 512);
	ck_assert_uint_eq(t.file, t.fallback);
	close(fd);
}
END_TEST

START_TEST(file_set_count_once_until_no_scan_finds_them)
{
	static const char maps[] = "00400000-00500000 r-xp 00000000 fe:00 42 /bin/python3\n"
				   "00600000-00700000 r--p 00300000 fe:00 42 /bin/python3\n"
				   "00800000-00900000 r-xp 00000000 fe:00 43 /lib/libc.so\n";

	for (pid_t pid = 10; pid < 13; pid++) {
		process(pid);
		tree_write(&tree, pid, "maps", maps);
		scan(pid, true);
	}
	ck_assert_uint_eq(objects_totals(objects).file, 5 * MIB);
	ck_assert_uint_eq(objects_totals(objects).shared, 0);
	objects_expire(objects, 1);
	ck_assert_uint_eq(objects_totals(objects).file, 5 * MIB);
	objects_expire(objects, 2);
	ck_assert_uint_eq(objects_totals(objects).file, 0);
}
END_TEST

START_TEST(maps_of_any_length_and_rubbish_in_them_are_survived)
{
	static char maps[300 * 1024];
	int fd = tree_memory(4 * MIB), n = 0;

	process(10);
	for (int i = 0; i < 2000; i++)
		n += snprintf(maps + n, sizeof(maps) - (size_t)n,
			"%x000-%x000 rw-p 00000000 00:00 0 [anon:%d]\n", 2 * i + 16, 2 * i + 17, i);
	/* A line longer than any buffer, then the mapping that counts. */
	memset(maps + n, 'x', 130 * 1024);
	n += 130 * 1024;
	n += snprintf(maps + n, sizeof(maps) - (size_t)n, "\ngarbage\n\n");
	tree_write_bytes(&tree, 10, "maps", maps, (size_t)n);
	tree_map(&tree, 10, 0, "rw-s", fd, "/memfd:x (deleted)");
	scan(10, false);
	totals_are("behind rubbish", 4 * MIB, 0);
	close(fd);
}
END_TEST

START_TEST(a_process_that_is_gone_is_told)
{
	struct process *p = process(10);

	tree_remove(&tree, 10, "maps");
	ck_assert_int_eq(objects_scan(objects, p, 1, false), -ENOENT);
	tree_spoil(&tree, 10, "maps");
	ck_assert_int_lt(objects_scan(objects, p, 1, false), 0);
}
END_TEST

START_TEST(a_witness_whose_pid_was_used_again_is_looked_at_anew)
{
	int fd = tree_memory(4 * MIB), other = tree_memory(2 * MIB);

	process(10);
	process(11);
	tree_map(&tree, 10, 0, "rw-s", fd, "/memfd:x (deleted)");
	tree_map(&tree, 11, 0, "rw-s", other, "/memfd:y (deleted)");
	scan(10, false);
	scan(11, false);
	/* By now the directory of one of them is kept open. */
	totals_are("two witnesses", 6 * MIB, 0);
	for (pid_t pid = 10; pid < 12; pid++) {
		tree_remove(&tree, pid, "map_files");
		tree_write(&tree, pid, "maps", "");
		tree_map(&tree, pid, 0, "rw-s", pid == 10 ? fd : other, "/memfd:x (deleted)");
	}
	totals_are("the same pids", 6 * MIB, 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(ftruncate(other, 0), 0);
	totals_are("measured through the new ones", 0, 0);
	close(fd);
	close(other);
}
END_TEST

START_TEST(objects_are_listed_for_the_record)
{
	int fd = tree_memory(4 * MIB), empty = tree_memory(2 * MIB);
	const struct look_object *x;
	struct stat st;
	unsigned n;

	ck_assert_int_eq(ftruncate(empty, 0), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	process(10);
	tree_map(&tree, 10, 0, "rw-s", empty, "/memfd:e (deleted)");
	tree_map(&tree, 10, 1, "rw-s", fd, "/dev/shm/plasmaX (deleted)");
	scan(10, false);
	x = objects_rows(objects, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(x[0].bytes, 0);
	x++;
	ck_assert_uint_eq(x->ino, st.st_ino);
	ck_assert_uint_eq(x->dev, st.st_dev);
	ck_assert_uint_eq(x->bytes, 4 * MIB);
	ck_assert(x->store && !x->sysv);
	close(fd);
	close(empty);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("objects");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_is_shared_memory_is_told_by_how_it_is_mapped);
	tcase_add_test(tc, a_private_view_of_what_the_step_has_not_made_is_not_its_memory);
	tcase_add_test(tc, pages_of_rings_and_secrets_cannot_be_dropped);
	tcase_add_test(tc, an_object_counts_once_however_many_map_it);
	tcase_add_test(tc, growth_is_seen_without_another_scan);
	tcase_add_test(tc, where_a_witness_is_gone_another_takes_its_place);
	tcase_add_test(tc, another_object_at_the_same_addresses_is_another_object);
	tcase_add_test(tc, many_objects_move_to_another_witness);
	tcase_add_test(tc, what_is_open_and_not_mapped_is_found_by_its_descriptor);
	tcase_add_test(tc, what_another_user_owns_is_not_counted_for_being_open);
	tcase_add_test(tc, plasma_on_disk_is_fallback_and_page_cache);
	tcase_add_test(tc, file_set_count_once_until_no_scan_finds_them);
	tcase_add_test(tc, maps_of_any_length_and_rubbish_in_them_are_survived);
	tcase_add_test(tc, a_process_that_is_gone_is_told);
	tcase_add_test(tc, a_witness_whose_pid_was_used_again_is_looked_at_anew);
	tcase_add_test(tc, objects_are_listed_for_the_record);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/file_set.h"
#include "measure/procfs/vma_iter.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;

static void begin(void)
{
	tree_create(&tree);
}

static void end(void)
{
	tree_destroy(&tree);
}

/* Our own maps, as they stand, in a fake /proc: where there is nobody to ask. */
static void copy_own_maps(void)
{
	static char text[256 * 1024];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += (size_t)n;
	close(fd);
	text[have] = '\0';
	tree_write(&tree, 10, "maps", text);
}

static int next_file(struct vma_iter *m, struct mapping *out)
{
	int rc;

	do
		rc = vma_iter_next(m, out);
	while (rc == VMA_ITER_SKIPPED);
	return rc;
}

START_TEST(asked_and_read_the_mappings_are_the_same)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc, memory;
	struct vma_iter *asked = vma_iter_create(proc), *read_ = vma_iter_create(tree.fd);
	struct mapping a, b;
	unsigned n = 0;

	memory = tree_memory(MIB);
	ck_assert_ptr_ne(mmap(NULL, MIB, PROT_READ, MAP_SHARED, memory, 0), MAP_FAILED);
	copy_own_maps();
	ck_assert_int_eq(vma_iter_open(asked, getpid(), false, 0), 0);
	ck_assert_int_eq(vma_iter_open(read_, 10, false, 0), 0);
	while ((rc = next_file(read_, &b)) > 0) {
		ck_assert_int_eq(next_file(asked, &a), 1);
		ck_assert_int_eq(vma_iter_path(asked, &a), 0);
		ck_assert_int_eq(vma_iter_path(read_, &b), 0);
		ck_assert_uint_eq(a.start, b.start);
		ck_assert_uint_eq(a.end, b.end);
		ck_assert_uint_eq(a.offset, b.offset);
		ck_assert_uint_eq(a.dev, b.dev);
		ck_assert_uint_eq(a.ino, b.ino);
		ck_assert_int_eq(a.shared, b.shared);
		ck_assert_str_eq(a.path, b.path);
		n++;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(next_file(asked, &a), 0);
	ck_assert_uint_gt(n, 5);
	vma_iter_close(asked);
	vma_iter_close(read_);
	vma_iter_destroy(asked);
	vma_iter_destroy(read_);
	close(proc);
}
END_TEST

START_TEST(only_those_that_are_shared_can_be_asked_for)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), memory = tree_memory(MIB);
	struct vma_iter *ways[] = { vma_iter_create(proc), vma_iter_create(tree.fd) };
	/* Read-only: what counts is that writes of others are seen. */
	void *at = mmap(NULL, MIB, PROT_READ, MAP_SHARED, memory, 0);
	struct mapping m;

	copy_own_maps();
	for (unsigned i = 0; i < 2; i++) {
		bool found = false;

		ck_assert_int_eq(vma_iter_open(ways[i], i ? 10 : getpid(), true, 0), 0);
		while (next_file(ways[i], &m) > 0) {
			ck_assert(m.shared);
			found |= m.start == (uintptr_t)at;
		}
		ck_assert(found);
		vma_iter_close(ways[i]);
		vma_iter_destroy(ways[i]);
	}
	close(memory);
	close(proc);
}
END_TEST

START_TEST(a_process_that_is_gone_has_none)
{
	struct vma_iter *m = vma_iter_create(tree.fd);

	ck_assert_int_lt(vma_iter_open(m, 11, false, 0), 0);
	vma_iter_destroy(m);
}
END_TEST

START_TEST(files_are_summed_up_whatever_their_number)
{
	struct file_set f = { 0 };

	for (uint64_t round = 1; round < 4; round++)
		for (uint64_t ino = 1; ino <= 10000; ino++)
			file_set_note(&f, (dev_t)(ino % 3), ino, ino, round);
	ck_assert_uint_eq(f.bytes, 10000ULL * 10001 / 2);
	file_set_note(&f, 1, 10000, 10, 4);
	ck_assert_uint_eq(f.bytes, 10000ULL * 10001 / 2);
	file_set_note(&f, 1, 10000, 10001, 4);
	ck_assert_uint_eq(f.bytes, 10000ULL * 10001 / 2 + 1);
	file_set_expire(&f, 4);
	ck_assert_uint_eq(f.bytes, 10001);
	file_set_clear(&f);
}
END_TEST

START_TEST(files_come_and_go_for_ever_in_bounded_memory)
{
	struct file_set f = { 0 };
	uint64_t ino = 1;

	for (uint64_t round = 1; round < 200; round++) {
		for (int i = 0; i < 1000; i++)
			file_set_note(&f, 1, ino++, 1, round);
		file_set_note(&f, 2, 7, 5, round);
		file_set_expire(&f, round);
		ck_assert_uint_eq(f.bytes, 1005);
	}
	ck_assert_uint_le(f.capacity, 8192);
	file_set_clear(&f);
}
END_TEST

START_TEST(more_files_than_fit_are_left_out)
{
	struct file_set f = { 0 };

	for (uint64_t ino = 1; ino <= 100000; ino++)
		file_set_note(&f, 1, ino, 1, 1);
	ck_assert_uint_ge(f.bytes, 16000);
	ck_assert_uint_le(f.bytes, 16384);
	/* Told, until the next round. */
	ck_assert_uint_eq(f.bytes + f.left_out, 100000);
	file_set_expire(&f, 1);
	ck_assert_uint_eq(f.left_out, 0);
	file_set_clear(&f);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("mappings");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, asked_and_read_the_mappings_are_the_same);
	tcase_add_test(tc, only_those_that_are_shared_can_be_asked_for);
	tcase_add_test(tc, a_process_that_is_gone_has_none);
	tcase_add_test(tc, files_are_summed_up_whatever_their_number);
	tcase_add_test(tc, files_come_and_go_for_ever_in_bounded_memory);
	tcase_add_test(tc, more_files_than_fit_are_left_out);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/units.h"
#include "measure/procfs/locked.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what, *smaps; /* of one mapping */
	uint64_t kib; /* locked in it, 0 = no locked file */
} mappings[] = {
	{ "a locked file",
		"7f00-8f00 r--s 00000000 08:01 42 /data/model\nRss: 8 kB\nAnonymous: 0 kB\n"
		"VmFlags: rd sh mr lo sd",
		8 },
	{ "a locked file with copied pages",
		"7f00-8f00 rw-p 00000000 08:01 42 /data/model\nRss: 8 kB\nAnonymous: 4 kB\n"
		"VmFlags: rd lo",
		4 },
	{ "another file", "7f00-8f00 r--s 00000000 08:01 42 /lo\nRss: 8 kB\nVmFlags: rd sh mr sd",
		0 },
	{ "locked memory", "7f00-8f00 rw-p 00000000 00:00 0\nRss: 8 kB\nVmFlags: rd wr lo", 0 },
	{ "copied pages alone",
		"7f00-8f00 rw-p 00000000 08:01 42 /x\nRss: 8 kB\nAnonymous: 8 kB\nVmFlags: rd lo",
		0 },
	{ "a name that is a key",
		"7f00-8f00 r--s 00000000 08:01 42 /x VmFlags: lo\nRss: 8 kB\nVmFlags: rd", 0 },
	{ "figures without a mapping", "Rss: 8 kB\nVmFlags: rd lo", 0 },
	{ "no line of maps", "nonsense\nRss: 8 kB\nVmFlags: rd lo", 0 },
};

START_TEST(locked_files_are_told_by_their_flag)
{
	for (size_t i = 0; i < COUNT(mappings); i++) {
		struct locked_mapping m = { 0 };
		uint64_t sum = 0, bytes;

		for (const char *line = mappings[i].smaps; *line;) {
			size_t len = strcspn(line, "\n");
			struct text t = text_of(line, len);

			if (locked_line(&m, t.data, t.len, &bytes))
				sum += bytes;
			text_free(&t);
			line += len + (line[len] == '\n');
		}
		SAME(mappings[i].what, sum, mappings[i].kib * KIB);
	}
}
END_TEST

static struct tree tree;
static struct process_table *table;
static struct devices *devices;
static struct locked locked;

static void begin(void)
{
	tree_create(&tree);
	table = process_table_create(8);
	devices = devices_create(tree.fd);
	locked = (struct locked){ 0 };
}

static void end(void)
{
	locked_clear(&locked);
	devices_destroy(devices);
	process_table_destroy(table);
	tree_destroy(&tree);
}

#define FILE_OF(ino)                                                                               \
	"7f0000000000-7f0000001000 r--s 00000000 08:01 " ino                                       \
	" /data/model\nRss: 1024 kB\nAnonymous: 0 kB\nVmFlags: rd lo\n"

static struct process *locker(pid_t pid, const char *smaps)
{
	struct fake f = { .pid = pid, .ppid = 1 };
	struct process *p = process_add(table, pid);

	tree_process(&tree, &f);
	tree_write(&tree, pid, "smaps", smaps);
	tree_write(&tree, pid, "mountinfo", "");
	p->status.locked = MIB;
	return p;
}

static void refresh(struct process *p, uint64_t now_ns)
{
	locked.next_ns = 0; /* the pause is another test's */
	locked_refresh(&locked, tree.fd, devices, p, now_ns);
}

static uint64_t settled(uint64_t now_ns)
{
	locked_settle(&locked, table, now_ns);
	return locked_bytes(&locked);
}

START_TEST(a_file_counts_once_and_until_nobody_locks_it)
{
	struct process *a = locker(10, FILE_OF("42")), *b = locker(11, FILE_OF("42") FILE_OF("43"));

	a->status.locked = 0;
	refresh(a, NS_PER_S);
	b->status.locked = 0;
	ck_assert_uint_eq(settled(NS_PER_S), 0);
	a->status.locked = b->status.locked = MIB;
	refresh(a, NS_PER_S);
	refresh(b, NS_PER_S);
	ck_assert_uint_eq(settled(NS_PER_S), 2 * MIB);
	ck_assert_uint_eq(settled(2 * NS_PER_S), 2 * MIB);
	process_remove(table, process_find(table, 11));
	refresh(process_find(table, 10), 20 * NS_PER_S);
	ck_assert_uint_eq(settled(20 * NS_PER_S), MIB);
	process_remove(table, process_find(table, 10));
	ck_assert_uint_eq(settled(21 * NS_PER_S), 0);
}
END_TEST

/* mlock2(MLOCK_ONFAULT): VmLck is what may become resident. */
START_TEST(what_becomes_resident_later_is_read_again)
{
	struct process *p = locker(10, FILE_OF("42"));

	refresh(p, NS_PER_S);
	tree_write(&tree, 10, "smaps", FILE_OF("42") FILE_OF("43"));
	p->row->file_shmem = 3 * MIB;
	refresh(p, 2 * NS_PER_S);
	ck_assert_uint_eq(settled(2 * NS_PER_S), MIB);
	p->row->file_shmem = 5 * MIB;
	refresh(p, 2 * NS_PER_S);
	ck_assert_uint_eq(settled(2 * NS_PER_S), 2 * MIB);
}
END_TEST

#define PART(addresses, offset)                                                                    \
	addresses " r--s " offset                                                                  \
		  " 08:01 42 /data/model\nRss: 1024 kB\nAnonymous: 0 kB\nVmFlags: rd lo\n"

START_TEST(parts_of_a_file_add_up)
{
	struct process *a = locker(10,
			       PART("7f0000000000-7f0000100000", "00000000")
				       PART("7f0000800000-7f0000900000", "00800000")),
		       *b = locker(11, PART("7f0000000000-7f0000100000", "00900000"));

	refresh(a, NS_PER_S);
	refresh(b, NS_PER_S);
	ck_assert_uint_eq(settled(NS_PER_S), 3 * MIB);
}
END_TEST

START_TEST(a_machine_that_stands_still_hides_no_file)
{
	struct process *p = locker(10, FILE_OF("42"));

	unit_clock_leap(NS_PER_S);
	refresh(p, NS_PER_S);
	unit_clock_leap(0);
	ck_assert_uint_eq(settled(NS_PER_S), MIB);
}
END_TEST

START_TEST(no_process_is_stalled_and_reads_have_pauses)
{
	struct process *p = locker(10, FILE_OF("42"));

	p->row->rss = 1024 * GIB;
	refresh(p, NS_PER_S);
	ck_assert_uint_eq(p->locked_ns, 0);
	p->row->rss = MIB;
	refresh(p, NS_PER_S);
	ck_assert_uint_eq(settled(NS_PER_S), MIB);
	ck_assert_uint_gt(locked.next_ns, NS_PER_S);
}
END_TEST

/* A model of many GiB: what its process locks is at most VmLck, and what it has of files. */
START_TEST(large_processes_count_by_their_status)
{
	struct process *p = locker(10, FILE_OF("42")), *small = locker(11, FILE_OF("43"));

	p->row->rss = p->row->file_shmem = 64 * GIB;
	p->row->shmem = 8 * GIB;
	p->status.locked = 40 * GIB;
	refresh(p, NS_PER_S);
	refresh(small, NS_PER_S);
	ck_assert_uint_eq(settled(NS_PER_S), 40 * GIB + MIB);
	p->status.locked = 60 * GIB;
	ck_assert_uint_eq(settled(NS_PER_S), 56 * GIB + MIB);
	p->row->shmem = 65 * GIB;
	ck_assert_uint_eq(settled(NS_PER_S), MIB);
	p->row->shmem = 0;
	p->status.locked = 0;
	ck_assert_uint_eq(settled(NS_PER_S), MIB);
}
END_TEST

/* What was read while it was small is not added to what it has when it is large. */
START_TEST(a_process_that_becomes_large_counts_once)
{
	struct process *p = locker(10, FILE_OF("42"));

	refresh(p, NS_PER_S);
	ck_assert_uint_eq(settled(NS_PER_S), MIB);
	p->row->rss = p->row->file_shmem = p->status.locked = 64 * GIB;
	refresh(p, 2 * NS_PER_S);
	ck_assert_uint_eq(settled(2 * NS_PER_S), 64 * GIB);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("locked");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, locked_files_are_told_by_their_flag);
	tcase_add_test(tc, a_file_counts_once_and_until_nobody_locks_it);
	tcase_add_test(tc, what_becomes_resident_later_is_read_again);
	tcase_add_test(tc, parts_of_a_file_add_up);
	tcase_add_test(tc, large_processes_count_by_their_status);
	tcase_add_test(tc, a_process_that_becomes_large_counts_once);
	tcase_add_test(tc, a_machine_that_stands_still_hides_no_file);
	tcase_add_test(tc, no_process_is_stalled_and_reads_have_pauses);
	return unit_run();
}

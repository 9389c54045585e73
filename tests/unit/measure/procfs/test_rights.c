/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an accountant finds that may not follow mappings, or is in other namespaces than the step. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "measure/procfs/objects.h"
#include "tests/unit/looks.h"
#include "tests/unit/unit.h"

static void process(pid_t pid, unsigned rss, unsigned shared)
{
	struct fake f = { .pid = pid, .ppid = 1, .size = 9000, .rss = rss, .shared = shared };
	struct pid_stat stat = { .ppid = 1, .start = 1 };

	f.start = 1;
	tree_process(&tree, &f);
	process_identify(table, process_add(table, pid), &stat, 0);
}

/* As after PR_SET_DUMPABLE: statm and status can be read, maps cannot. */
START_TEST(a_process_with_sealed_maps_counts_by_its_status)
{
	for (pid_t pid = 10; pid < 13; pid++) {
		char maps[128];

		process(pid, 700, 600);
		tree_write(&tree, pid, "maps", "");
		snprintf(maps, sizeof(maps), "%s/%d/maps", tree.path, pid);
		ck_assert_int_eq(chmod(maps, 0), 0);
	}
	look_without_rights(10000);
	SAME("unreadable", sample.unreadable, 0);
	SAME("told", sample.unmeasured, 3);
	SAME("private", sample.private, 3 * 100 * pages);
	/* They may map the same objects: one of them is certain. */
	SAME("shared", sample.shared, 600 * pages);
}
END_TEST

START_TEST(a_named_file_that_may_not_be_measured_is_known_by_its_number)
{
	const struct objects *objects = procfs_objects(procfs);

	process(10, 700, 600);
	closed_mapping(10, "7f0000000000-7f0000800000 rw-p 00000000 00:01 9 /dev/shm/model\n",
		"map_files/7f0000000000-7f0000800000");
	look_without_rights(10000);
	look_without_rights(10300);
	/* Nearly always such a file is a program's, so the process counts as measured. */
	SAME("told", sample.unmeasured, 0);
	ck_assert(objects_maps_unmeasured(objects, makedev(0, 1), 9));
	ck_assert(!objects_maps_unmeasured(objects, makedev(0, 1), 8));
	tree_write(&tree, 10, "maps", "");
	for (uint64_t at_ms = 60000; at_ms <= 180000; at_ms += 60000)
		look_without_rights(at_ms);
	ck_assert(!objects_maps_unmeasured(objects, makedev(0, 1), 9));
}
END_TEST

/* Ids are unique in an IPC namespace alone. */
START_TEST(segments_of_two_ipc_namespaces_are_two)
{
	/* The third process is in the second one's. */
	static const char *const namespaces[] = { "ipc:[5]", "ipc:[6]", "ipc:[6]" };
	int fd = tree_memory(4 * MIB);

	tree_link(&tree, 0, "self/ns/ipc", "ipc:[5]");
	for (int i = 0; i < 3; i++) {
		process(10 + i, 1100, 1000);
		tree_link(&tree, 10 + i, "ns/ipc", namespaces[i]);
		tree_map(&tree, 10 + i, 0, "rw-s", fd, "/SYSV00000000 (deleted)");
	}
	look_without_rights(10000);
	SAME("two", sample.shared, 8 * MIB);
	close(fd);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("rights");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_process_with_sealed_maps_counts_by_its_status);
	tcase_add_test(tc, a_named_file_that_may_not_be_measured_is_known_by_its_number);
	tcase_add_test(tc, segments_of_two_ipc_namespaces_are_two);
	return unit_run();
}

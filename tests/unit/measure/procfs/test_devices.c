/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/devices.h"
#include "measure/procfs/mount_parse.h"
#include "measure/procfs/objects.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct devices *devices;

static void begin(void)
{
	tree_create(&tree);
	tree_remove(&tree, 0, "self");
	devices = devices_create(tree.fd);
}

static void end(void)
{
	devices_destroy(devices);
	tree_destroy(&tree);
}

/* The mounts of our own namespace (pid 0) or of a process's. */
static void mounts(pid_t pid, const char *text)
{
	tree_write(&tree, pid, pid ? "mountinfo" : "self/mountinfo", text);
}

static void descriptor(const char *name, unsigned mount)
{
	char text[64];

	snprintf(text, sizeof(text), "pos:\t0\nflags:\t02\nmnt_id:\t%u\nino:\t7\n", mount);
	tree_write(&tree, 10, name, text);
}

static const struct {
	const char *what, *type;
	enum device_kind own, other; /* in our own namespace, in a process's */
} types[] = {
	{ "memory", "tmpfs", DEVICE_MEMORY, DEVICE_MEMORY },
	{ "device nodes", "devtmpfs", DEVICE_MEMORY, DEVICE_MEMORY },
	{ "a local disk", "ext4", DEVICE_LOCAL, DEVICE_LOCAL },
	{ "a local disk", "xfs", DEVICE_LOCAL, DEVICE_LOCAL },
	{ "a container's root", "overlay", DEVICE_LOCAL, DEVICE_OTHER },
	{ "a server in user space", "fuse", DEVICE_OTHER, DEVICE_OTHER },
	{ "a server in user space", "fuse.sshfs", DEVICE_OTHER, DEVICE_OTHER },
	{ "a network", "nfs", DEVICE_OTHER, DEVICE_OTHER },
	{ "a network", "nfs4", DEVICE_OTHER, DEVICE_OTHER },
	{ "a network", "lustre", DEVICE_OTHER, DEVICE_OTHER },
	{ "a network", "cifs", DEVICE_OTHER, DEVICE_OTHER },
	{ "a network", "ceph", DEVICE_OTHER, DEVICE_OTHER },
	{ "a network", "9p", DEVICE_OTHER, DEVICE_OTHER },
	{ "what nobody knows", "tmpfs2", DEVICE_OTHER, DEVICE_OTHER },
};

START_TEST(the_file_system_tells_the_kind)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		char line[256];

		snprintf(line, sizeof(line),
			"36 35 0:%u / /m\\040nt rw,noatime master:1 shared:2 - %s /dev/x rw - y\n",
			40 + (unsigned)i, types[i].type);
		mounts(0, line);
		mounts(10, "1 0 0:1 / / rw - rootfs rootfs rw\n");
		descriptor("fdinfo/3", 36);
		devices_begin(devices);
		SAME(types[i].type, devices_of_mapping(devices, 10, makedev(0, 40 + (unsigned)i)),
			types[i].own);
		SAME(types[i].type, devices_of_descriptor(devices, 10, "3"), types[i].own);
		devices_forget(devices);
		devices_begin(devices);
		mounts(0, "1 0 0:1 / / rw - rootfs rootfs rw\n");
		mounts(10, line);
		SAME(types[i].type, devices_of_mapping(devices, 10, makedev(0, 40 + (unsigned)i)),
			types[i].other);
		SAME(types[i].type, devices_of_descriptor(devices, 10, "3"), types[i].other);
		devices_forget(devices);
	}
}
END_TEST

START_TEST(memory_that_is_mounted_nowhere_is_the_kernels_own)
{
	int fd = tree_memory(page_size());
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	mounts(0, "");
	mounts(10, "");
	ck_assert_int_eq(devices_of_mapping(devices, 10, st.st_dev), DEVICE_MEMORY);
	ck_assert(devices_is_internal(devices, st.st_dev));
	ck_assert_int_eq(devices_of_mapping(devices, 10, makedev(0, 4711)), DEVICE_OTHER);
	ck_assert(!devices_is_internal(devices, makedev(0, 4711)));
	close(fd);
}
END_TEST

START_TEST(of_any_number_of_mounts_the_memory_is_found)
{
	static char text[2 * 1024 * 1024];
	int n = 0;

	for (unsigned i = 0; i < 20000; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			"%u 1 0:%u / /mnt/%u rw - %s none rw\n", 100 + i, 100 + i, i,
			i % 4 ? "overlay" : "tmpfs");
	snprintf(text + n, sizeof(text) - (size_t)n, "99999 1 0:99999 / /x rw - tmpfs x rw\n");
	mounts(0, "");
	mounts(10, text);
	ck_assert_int_eq(devices_of_mapping(devices, 10, makedev(0, 99999)), DEVICE_MEMORY);
	devices_begin(devices);
	ck_assert_int_eq(devices_of_mapping(devices, 10, makedev(0, 101)), DEVICE_OTHER);
	devices_begin(devices);
	ck_assert_int_eq(devices_of_mapping(devices, 10, makedev(0, 20096)), DEVICE_MEMORY);
}
END_TEST

START_TEST(a_look_reads_few_mounts_and_says_so)
{
	unsigned unknown = 0;

	mounts(0, "");
	for (pid_t pid = 10; pid < 40; pid++)
		mounts(pid, "");
	for (unsigned i = 0; i < 30; i++)
		unknown += devices_of_mapping(devices, 10 + (pid_t)i, makedev(0, 50 + i)) ==
			DEVICE_UNKNOWN;
	ck_assert_uint_gt(unknown, 20);
	/* Later looks take up what is left. */
	for (unsigned look = 0; look < 30; look++) {
		devices_begin(devices);
		for (unsigned i = 0; i < 30; i++)
			(void)devices_of_mapping(devices, 10 + (pid_t)i, makedev(0, 50 + i));
	}
	for (unsigned i = 0; i < 30; i++)
		ck_assert_int_eq(devices_of_mapping(devices, 10 + (pid_t)i, makedev(0, 50 + i)),
			DEVICE_OTHER);
}
END_TEST

START_TEST(a_namespace_is_read_once_in_a_look)
{
	mounts(0, "");
	tree_link(&tree, 0, "self/ns/mnt", "mnt:[1]");
	for (pid_t pid = 10; pid < 40; pid++) {
		mounts(pid, "");
		tree_link(&tree, pid, "ns/mnt", "mnt:[2]");
	}
	for (unsigned i = 0; i < 30; i++)
		ck_assert_int_eq(devices_of_mapping(devices, 10 + (pid_t)i, makedev(0, 50 + i)),
			DEVICE_OTHER);
}
END_TEST

START_TEST(a_process_whose_mounts_cannot_be_read_is_asked_again)
{
	mounts(0, "");
	ck_assert_int_eq(devices_of_mapping(devices, 10, makedev(0, 50)), DEVICE_UNKNOWN);
	mounts(10, "36 35 0:50 / /mnt rw - tmpfs x rw\n");
	ck_assert_int_eq(devices_of_mapping(devices, 10, makedev(0, 50)), DEVICE_MEMORY);
	/* A descriptor that was closed meanwhile is nothing to wait for. */
	ck_assert_int_eq(devices_of_descriptor(devices, 10, "3"), DEVICE_OTHER);
}
END_TEST

/* Below map_files and fd stands a file in memory: only a stat could tell, and none is made. */
START_TEST(a_file_that_needs_a_server_is_never_touched)
{
	int fd = tree_memory(MIB);
	struct objects *objects = objects_create(tree.fd);
	struct process_table *table = process_table_create(4);
	struct process *p = process_add(table, 10);
	struct fake f = { .pid = 10, .ppid = 1 };
	char line[128];
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	tree_process(&tree, &f);
	p->status.uid = geteuid();
	tree_map(&tree, 10, 0, "rw-s", fd, "/mnt/plasmaX");
	tree_descriptor(&tree, 10, 3, fd, "plasmaX");
	descriptor("fdinfo/3", 36);
	snprintf(line, sizeof(line),
		"7f0000000000-7f0000100000 rw-s 00000000 00:50 77 /mnt/plasmaX\n");
	tree_write(&tree, 10, "maps", line);
	mounts(0, "36 35 0:80 / /mnt rw - fuse.x x rw\n");
	ck_assert_int_eq(objects_scan(objects, p, 1, true), 0);
	ck_assert_uint_eq(objects_totals(objects).shared, 0);
	ck_assert_uint_eq(objects_totals(objects).fallback, 0);
	ck_assert_uint_eq(objects_totals(objects).file, MIB);
	ck_assert_uint_eq(objects_left_out(objects).unknown_devices, 0);
	objects_destroy(objects);
	process_table_destroy(table);
	close(fd);
}
END_TEST

START_TEST(lines_that_are_cut_anywhere_are_refused)
{
	static const char line[] = "36 35 98:0 /a /b rw,x master:1 - ext3 /dev/root rw\n";

	for (size_t len = 0; len < sizeof(line) - 1; len++) {
		struct text t = text_of(line, len);
		const char *pos = t.data;
		struct mount_line out;

		ck_assert_int_eq(mount_line_next(&pos, t.data + t.len, &out), 0);
		text_free(&t);
		/* The same with an end of line. */
		t = text_of(line, len + 1);
		t.data[len] = '\n';
		pos = t.data;
		if (mount_line_next(&pos, t.data + t.len, &out) > 0)
			ck_assert(!strncmp(out.type, "ext3", strlen(out.type)));
		ck_assert_ptr_eq(pos, t.data + t.len);
		text_free(&t);
	}
}
END_TEST

static const struct {
	const char *text;
	int rc;
	uint64_t id;
} fdinfos[] = {
	{ "pos:\t0\nflags:\t02\nmnt_id:\t29\nino:\t7\n", 0, 29 },
	{ "mnt_id:\t0\n", 0, 0 },
	{ "pos:\t0\n", -EINVAL, 0 },
	{ "mnt_id:\t\n", -EINVAL, 0 },
	{ "mnt_id:\t29", -EINVAL, 0 },
	{ "mnt_id:\t99999999999999999999999\n", -EINVAL, 0 },
	{ "tty_mnt_id:\t3\n", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
};

START_TEST(fdinfo_names_the_mount)
{
	for (size_t i = 0; i < COUNT(fdinfos); i++) {
		struct text t = text_of(fdinfos[i].text, strlen(fdinfos[i].text));
		uint64_t id = 0;

		SAME(fdinfos[i].text, mount_of_fdinfo(t.data, t.len, &id), fdinfos[i].rc);
		SAME(fdinfos[i].text, id, fdinfos[i].id);
		text_free(&t);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("devices");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, the_file_system_tells_the_kind);
	tcase_add_test(tc, memory_that_is_mounted_nowhere_is_the_kernels_own);
	tcase_add_test(tc, of_any_number_of_mounts_the_memory_is_found);
	tcase_add_test(tc, a_look_reads_few_mounts_and_says_so);
	tcase_add_test(tc, a_namespace_is_read_once_in_a_look);
	tcase_add_test(tc, a_process_whose_mounts_cannot_be_read_is_asked_again);
	tcase_add_test(tc, a_file_that_needs_a_server_is_never_touched);
	tcase_add_test(tc, lines_that_are_cut_anywhere_are_refused);
	tcase_add_test(tc, fdinfo_names_the_mount);
	return unit_run();
}

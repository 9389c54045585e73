/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/places.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct places places;

/* A tmpfs that every Linux has. */
#define MOUNT "/dev/shm"
static const char *const nowhere[] = { NULL };

static void begin(void)
{
	tree_create(&tree);
	tree_link(&tree, 0, "self/ns/mnt", "mnt:[1]");
	tree_remove(&tree, 0, "self/mountinfo");
	tree_write(&tree, 0, "self/mountinfo", "20 1 0:5 / / rw - ext4 none rw\n");
	table = process_table_create(64);
	places_init(&places, tree.fd, nowhere, (struct timespec){ 0 });
}

static void end(void)
{
	process_table_destroy(table);
	tree_destroy(&tree);
}

/* A process in the mount namespace of that number, which has these mounts. */
static struct process *process(pid_t pid, unsigned namespace, const char *mounts)
{
	struct fake f = { .pid = pid, .ppid = 1 };
	struct process *p = process_add(table, pid);
	char link[32];

	tree_process(&tree, &f);
	snprintf(link, sizeof(link), "mnt:[%u]", namespace);
	tree_link(&tree, pid, "ns/mnt", link);
	tree_link(&tree, pid, "root", "/");
	tree_write(&tree, pid, "mountinfo", mounts);
	return p;
}

static void line_add(char *text, size_t size, const char *dev, const char *root, const char *point,
	const char *type)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "30 20 %s %s %s rw - %s none rw\n", dev, root, point, type);
}

START_TEST(only_places_with_a_tmpfs_are_taken)
{
	static const char *const paths[] = { MOUNT, "/proc", "/nowhere", NULL };

	places_init(&places, tree.fd, paths, (struct timespec){ 0 });
	SAME("one", places.n, 1);
	ck_assert_str_eq(places.places[0].path, MOUNT);
	SAME("everybody's", places.places[0].namespace, 0);
}
END_TEST

START_TEST(mounts_that_only_the_process_sees_are_taken)
{
	char text[1024] = "";

	line_add(text, sizeof(text), "0:5", "/", "/", "tmpfs"); /* we see it, too */
	line_add(text, sizeof(text), "0:40", "/", "/mnt/a\\040b", "tmpfs");
	line_add(text, sizeof(text), "0:41", "/", "/disk", "ext4");
	line_add(text, sizeof(text), "0:42", "/part", "/part", "tmpfs");
	line_add(text, sizeof(text), "0:40", "/", "/again", "tmpfs");
	places_of_process(&places, process(10, 2, text));
	SAME("one", places.n, 1);
	ck_assert_str_eq(places.places[0].path, "/mnt/a b");
	SAME("namespace", places.places[0].namespace, 2);
	SAME("witness", places.places[0].witness, 10);
	SAME("nothing is missing", places.left_out, 0);
}
END_TEST

START_TEST(a_namespace_is_read_once_and_our_own_never)
{
	char text[256] = "";

	line_add(text, sizeof(text), "0:40", "/", "/mnt", "tmpfs");
	places_of_process(&places, process(10, 1, text));
	SAME("our own", places.n, 0);
	places_of_process(&places, process(11, 2, ""));
	SAME("could not be read", places.n, 0);
	places_of_process(&places, process(12, 2, text));
	SAME("by another process of it", places.n, 1);
	text[0] = '\0';
	line_add(text, sizeof(text), "0:50", "/", "/late", "tmpfs");
	places_of_process(&places, process(13, 2, text));
	SAME("known", places.n, 1);
}
END_TEST

/* Which segments nobody has attached in another IPC namespace, nothing tells. */
START_TEST(another_ipc_namespace_is_told_once)
{
	tree_link(&tree, 0, "self/ns/ipc", "ipc:[5]");
	places_init(&places, tree.fd, nowhere, (struct timespec){ 0 });
	for (pid_t pid = 10; pid < 14; pid++) {
		struct process *p = process(pid, 1, "");

		tree_link(&tree, pid, "ns/ipc", pid < 12 ? "ipc:[5]" : "ipc:[6]");
		places_of_process(&places, p);
		SAME("told", places.left_out, pid >= 12);
	}
}
END_TEST

START_TEST(what_has_no_room_is_told)
{
	char text[8192] = "", point[PLACE_PATH + 32] = "/", dev[16];

	memset(point + 1, 'x', sizeof(point) - 2);
	point[sizeof(point) - 1] = '\0';
	line_add(text, sizeof(text), "0:39", "/", point, "tmpfs");
	for (int i = 0; i < PLACES + 2; i++) {
		snprintf(dev, sizeof(dev), "0:%d", 40 + i);
		line_add(text, sizeof(text), dev, "/", "/mnt", "tmpfs");
	}
	places_of_process(&places, process(10, 2, text));
	SAME("places", places.n, PLACES);
	SAME("a long path, and two more", places.left_out, 3);
	for (unsigned i = 3; i < PLACES + 3; i++)
		places_of_process(
			&places, process((pid_t)(100 + i), i, "30 20 0:5 / / rw - ext4 none rw\n"));
	SAME("a namespace", places.left_out, 4);
}
END_TEST

START_TEST(a_place_is_opened_through_who_still_lives_there)
{
	struct tmpfs_usage usage;
	struct stat st;
	char text[256] = "", dev[32];
	int fd;

	ck_assert_int_eq(stat(MOUNT, &st), 0);
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_dev), minor(st.st_dev));
	line_add(text, sizeof(text), dev, "/", MOUNT, "tmpfs");
	places_of_process(&places, process(10, 2, text));
	process(11, 3, text);
	SAME("taken", places.n, 1);
	process_remove(table, process_find(table, 10));
	tree_remove(&tree, 10, NULL);
	ck_assert_int_eq(place_open(&places, table, &places.places[0], &usage), -ENOENT);
	process(12, 2, text);
	fd = place_open(&places, table, &places.places[0], &usage);
	/* Before Linux 5.12 nothing opens a path without asking its file system. */
	if (fd != -EINVAL && fd != -ENOSYS) {
		ck_assert_int_ge(fd, 0);
		SAME("the tmpfs", usage.dev, st.st_dev);
		SAME("witness", places.places[0].witness, 12);
		ck_assert(places.places[0].own);
		close(fd);
		places.since.tv_sec = INT64_MAX;
		fd = place_open(&places, table, &places.places[0], &usage);
		ck_assert(!places.places[0].own);
		close(fd);
		places.places[0].usage.dev++;
		ck_assert_int_eq(place_open(&places, table, &places.places[0], &usage), -ENOENT);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("places");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, only_places_with_a_tmpfs_are_taken);
	tcase_add_test(tc, mounts_that_only_the_process_sees_are_taken);
	tcase_add_test(tc, a_namespace_is_read_once_and_our_own_never);
	tcase_add_test(tc, another_ipc_namespace_is_told_once);
	tcase_add_test(tc, what_has_no_room_is_told);
	tcase_add_test(tc, a_place_is_opened_through_who_still_lives_there);
	return unit_run();
}

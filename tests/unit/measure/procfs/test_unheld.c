/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/company.h"
#include "measure/procfs/unheld.h"
#include "measure/procfs/vma_stat.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct objects *objects;
static struct unheld *unheld;
static char folder[64];
static uint64_t now_ns;

static const char *const places[] = { "/dev/shm", NULL };

/* Files made later have a later time. */
static void next_tick(void)
{
	struct timespec first = file_clock(), now;

	do
		now = file_clock();
	while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

/* Other programs use /dev/shm, too: the user of the step is one that none of them has. */
static const uid_t user = 3000000017;

static void begin(void)
{
	if (geteuid() != 0)
		return;
	tree_create(&tree);
	tree_write(&tree, 0, "self/stat", "");
	table = process_table_create(64);
	objects = objects_create(tree.fd);
	unheld = unheld_create(tree.fd, user, places);
	now_ns = NS_PER_S;
	strcpy(folder, "/dev/shm/raypss-unheld-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	next_tick();
}

static void end(void)
{
	char command[128];

	if (geteuid() != 0)
		return;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
	unheld_destroy(unheld);
	objects_destroy(objects);
	process_table_destroy(table);
	tree_destroy(&tree);
}

static int file(const char *name, uid_t uid, uint64_t bytes)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(posix_fallocate(fd, 0, (off_t)bytes), 0);
	ck_assert_int_eq(fchown(fd, uid, (gid_t)-1), 0);
	return fd;
}

static struct process *process(pid_t pid)
{
	struct fake f = { .pid = pid, .ppid = 1 };
	struct process *p = process_add(table, pid);

	tree_process(&tree, &f);
	p->status.uid = user;
	return p;
}

static struct unheld_totals look(void)
{
	now_ns += 3600 * NS_PER_S;
	objects_measure(objects, table, now_ns);
	unheld_refresh(unheld, objects, table, now_ns);
	now_ns += 3600 * NS_PER_S;
	unheld_refresh(unheld, objects, table, now_ns);
	return unheld_totals(unheld);
}

/* A process of the user that is none of the step's, with this for its environment. */
static void stranger_with(pid_t pid, const char *environment, size_t len)
{
	struct fake f = { .pid = pid, .ppid = 1 };
	char name[16];

	tree_process(&tree, &f);
	tree_write_bytes(&tree, pid, "environ", environment, len);
	snprintf(name, sizeof(name), "%d", pid);
	ck_assert_int_eq(fchownat(tree.fd, name, user, (gid_t)-1, 0), 0);
}

static void stranger(pid_t pid)
{
	static const char environment[] = "HOME=/\0SLURM_JOB_ID=7";

	stranger_with(pid, environment, sizeof(environment));
}

START_TEST(files_of_a_user_who_is_alone_are_the_steps)
{
	struct unheld_totals t;

	close(file("own", user, 4 * MIB));
	close(file("another's", user + 1, 2 * MIB));
	process(10);
	t = look();
	ck_assert_uint_eq(t.shared, 4 * MIB);
	ck_assert_uint_eq(t.unheld, 0);
	stranger(20);
	t = look();
	ck_assert_uint_eq(t.shared, 0);
	ck_assert_uint_eq(t.unheld, 4 * MIB);
}
END_TEST

START_TEST(older_files_are_not_the_steps)
{
	close(file("old", user, 4 * MIB));
	unheld_destroy(unheld);
	unheld = unheld_create(tree.fd, user, places);
	ck_assert_uint_eq(look().shared, 0);
}
END_TEST

START_TEST(what_a_process_holds_counts_once)
{
	int fd = file("held", user, 4 * MIB);
	struct look_left left;

	process(10);
	tree_map(&tree, 10, 0, "rw-s", fd, "/dev/shm/held");
	ck_assert_int_eq(objects_scan(objects, process_find(table, 10), now_ns, false), 0);
	ck_assert_uint_eq(look().shared, 0);
	close(fd);
	/* What the step once held is the step's, whoever else is there. */
	tree_remove(&tree, 10, NULL);
	process_remove(table, process_find(table, 10));
	stranger(20);
	close(file("perhaps", user, 2 * MIB));
	objects_measure(objects, table, now_ns + 1);
	unheld_left(unheld, objects, table, now_ns + 1, &left);
	ck_assert_uint_eq(left.bytes, 4 * MIB);
	ck_assert_uint_eq(left.count, 1);
	ck_assert_int_eq(left.greatest[0].kind, LEFT_FILE);
	ck_assert_ptr_nonnull(strstr(left.greatest[0].name, "/held"));
}
END_TEST

START_TEST(a_file_that_a_process_then_maps_counts_once)
{
	int fd = file("loaded", user, 4 * MIB);
	struct object_totals held;

	process(10);
	ck_assert_uint_eq(look().shared, 4 * MIB);
	/* Too soon for another walk. */
	now_ns += NS_PER_MS;
	tree_map(&tree, 10, 0, "rw-s", fd, "/dev/shm/loaded");
	ck_assert_int_eq(objects_scan(objects, process_find(table, 10), now_ns, false), 0);
	objects_measure(objects, table, now_ns);
	unheld_refresh(unheld, objects, table, now_ns);
	held = objects_totals(objects);
	ck_assert_uint_eq(held.shared, 4 * MIB);
	ck_assert_uint_eq(unheld_totals(unheld).shared, 0);
	close(fd);
}
END_TEST

START_TEST(hostile_names_and_folders_do_no_harm)
{
	char path[128];
	struct look_left left;

	close(file("\033[2Jx\"\n", user, MIB));
	snprintf(path, sizeof(path), "%s/a", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	close(file("a/deep", user, 2 * MIB));
	snprintf(path, sizeof(path), "%s/link", folder);
	ck_assert_int_eq(symlink("/", path), 0);
	unheld_left(unheld, objects, table, now_ns, &left);
	ck_assert_uint_eq(left.bytes, 3 * MIB);
	ck_assert_uint_eq(left.greatest_n, 2);
	ck_assert_uint_eq(left.greatest[0].bytes, 2 * MIB);
	ck_assert_ptr_nonnull(strstr(left.greatest[0].name, "/a/deep"));
	ck_assert_ptr_nonnull(strstr(left.greatest[1].name, "/?[2Jx\"?"));
}
END_TEST

START_TEST(the_sixteen_greatest_are_named)
{
	struct look_left left;
	char name[16];

	for (unsigned i = 1; i <= 20; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		close(file(name, user, i * 4 * KIB));
	}
	unheld_left(unheld, objects, table, now_ns, &left);
	ck_assert_uint_eq(left.count, 20);
	ck_assert_uint_eq(left.bytes, 210 * 4 * KIB);
	ck_assert_uint_eq(left.greatest_n, LOOK_LEFT);
	for (unsigned i = 0; i < LOOK_LEFT; i++)
		ck_assert_uint_eq(left.greatest[i].bytes, (20 - i) * 4 * KIB);
}
END_TEST

static void segments(long uid, long attached, long ctime)
{
	char text[512];

	snprintf(text, sizeof(text),
		"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  "
		"cuid"
		"  cgid      atime      dtime      ctime                   rss                  "
		"swap\n"
		"         0          7  1600  4194304  10  99 %ld %ld 0 %ld 0 0 0 %ld 4194304 0\n",
		attached, uid, uid, ctime);
	tree_write(&tree, 0, "sysvipc/shm", text);
}

START_TEST(a_segment_is_the_steps_by_its_maker)
{
	const long now = (long)time(NULL), uid = (long)user;
	struct unheld_totals t;

	stranger(20);
	segments(uid, 0, now);
	ck_assert_uint_eq(look().unheld, 4 * MIB); /* nobody knows process 10 */
	process(10);
	t = look();
	ck_assert_uint_eq(t.shared, 4 * MIB);
	ck_assert_uint_eq(t.unheld, 0);
	tree_remove(&tree, 10, NULL);
	process_remove(table, process_find(table, 10));
	ck_assert_uint_eq(look().shared, 4 * MIB); /* a maker stays one */
	segments(uid, 1, now);
	ck_assert_uint_eq(look().shared, 0); /* counts where it is attached */
	segments(uid + 1, 0, now);
	ck_assert_uint_eq(look().unheld, 0);
	segments(uid, 0, now - 100);
	ck_assert_uint_eq(look().unheld, 0);
}
END_TEST

START_TEST(company_is_who_is_neither_member_nor_child_of_one)
{
	struct fake child = { .pid = 30, .ppid = 10 };

	process(10);
	stranger(10);
	ck_assert(!company_has(tree.fd, user, table));
	tree_process(&tree, &child);
	stranger(30);
	tree_process(&tree, &child);
	ck_assert(!company_has(tree.fd, user, table));
	stranger(40);
	ck_assert(company_has(tree.fd, user, table));
	ck_assert(!company_has(tree.fd, user + 1, table));
}
END_TEST

START_TEST(a_machine_that_stands_still_is_no_company)
{
	process(10);
	unit_clock_leap(NS_PER_S);
	ck_assert(!company_has(tree.fd, user, table));
	unit_clock_leap(0);
}
END_TEST

START_TEST(only_who_is_of_another_step_is_company)
{
	static const char run[] = "RAYPSS_RUN=9", daemon[] = "HOME=/";

	process(10);
	stranger_with(50, "", 0);
	stranger_with(51, daemon, sizeof(daemon));
	ck_assert(!company_has(tree.fd, user, table));
	stranger_with(52, run, sizeof(run));
	ck_assert(company_has(tree.fd, user, table));
}
END_TEST

/* Another process of the user can hold a read of its environment, and may be of a step. */
START_TEST(company_that_held_a_read_is_left_alone)
{
	static const char daemon[] = "HOME=/";
	struct reading reading = { 0 };
	struct shunned shunned = { 0 };

	process_table_watch(table, &reading, &shunned);
	process_table_begin(table, now_ns);
	stranger_with(50, daemon, sizeof(daemon));
	ck_assert(!company_has(tree.fd, user, table));
	/* A note of the read, and one of its end. */
	ck_assert_uint_eq(atomic_load(&reading.count), 2);
	ck_assert_int_eq(atomic_load(&reading.pid), 0);
	shunned_add(&shunned, 50, now_ns);
	ck_assert(company_has(tree.fd, user, table));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("unheld");

	/* Files of another user need root, and the folder must be on tmpfs. */
	if (geteuid() != 0)
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, files_of_a_user_who_is_alone_are_the_steps);
	tcase_add_test(tc, older_files_are_not_the_steps);
	tcase_add_test(tc, what_a_process_holds_counts_once);
	tcase_add_test(tc, a_file_that_a_process_then_maps_counts_once);
	tcase_add_test(tc, hostile_names_and_folders_do_no_harm);
	tcase_add_test(tc, the_sixteen_greatest_are_named);
	tcase_add_test(tc, a_segment_is_the_steps_by_its_maker);
	tcase_add_test(tc, company_is_who_is_neither_member_nor_child_of_one);
	tcase_add_test(tc, a_machine_that_stands_still_is_no_company);
	tcase_add_test(tc, only_who_is_of_another_step_is_company);
	tcase_add_test(tc, company_that_held_a_read_is_left_alone);
	return unit_run();
}

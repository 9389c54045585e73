/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/members.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct members *members;

static void open_members(unsigned limit, const struct members_options *options)
{
	table = process_table_create(limit);
	ck_assert_int_eq(members_create(tree.fd, table, options, &members), 0);
}

static void begin(void)
{
	tree_create(&tree);
	tree_last_pid(&tree, 1000);
	open_members(64, &(struct members_options){ .uid = geteuid() });
}

static void close_members(void)
{
	members_destroy(members);
	process_table_destroy(table);
}

static void end(void)
{
	close_members();
	tree_destroy(&tree);
}

static void process(pid_t pid, pid_t ppid)
{
	tree_process(&tree, &(struct fake){ .pid = pid, .ppid = ppid, .start = (uint64_t)pid });
}

static void discover(uint64_t at_s)
{
	ck_assert_int_eq(members_discover(members, at_s * NS_PER_S), 0);
}

/* pids: up to 0 */
static void members_are(const char *row, const pid_t *pids)
{
	unsigned n = 0;

	for (; pids[n]; n++)
		ck_assert_msg(
			process_find(table, pids[n]) != NULL, "%s: %d is missing", row, pids[n]);
	SAME(row, process_count(table), n);
}
#define MEMBERS_ARE(row, ...) members_are(row, (const pid_t[]){ __VA_ARGS__, 0 })

START_TEST(descendants_are_found_in_whatever_order_they_are_listed)
{
	process(500, 1);
	process(501, 503);
	process(502, 500);
	process(503, 502);
	process(600, 1);
	process(601, 600);
	ck_assert_int_eq(members_add(members, 500), 0);
	discover(1);
	MEMBERS_ARE("a chain", 500, 502, 503, 501);
	ck_assert_uint_eq(process_find(table, 503)->row->start, 503);
	ck_assert_int_eq(process_find(table, 503)->row->ppid, 502);
}
END_TEST

START_TEST(a_task_is_added_once_and_refused_when_it_is_gone)
{
	process(500, 1);
	ck_assert_int_eq(members_add(members, 500), 0);
	ck_assert_int_eq(members_add(members, 500), 0);
	ck_assert_uint_eq(process_count(table), 1);
	ck_assert_int_eq(members_add(members, 501), -ESRCH);
	tree_write(&tree, 502, "stat", "502 (x");
	ck_assert_int_eq(members_add(members, 502), -EINVAL);
}
END_TEST

START_TEST(who_was_a_member_stays_one_whoever_its_parent_becomes)
{
	process(500, 1);
	process(501, 500);
	ck_assert_int_eq(members_add(members, 500), 0);
	discover(1);
	/* Its parent ends: it is init's now, and has a child. */
	tree_remove(&tree, 500, NULL);
	process_remove(table, process_find(table, 500));
	process(501, 1);
	process(1001, 501);
	tree_last_pid(&tree, 1001);
	discover(2);
	MEMBERS_ARE("re-parented", 501, 1001);
}
END_TEST

static const struct {
	const char *what;
	pid_t before, last, pid; /* is pid seen when the last pid goes from before to last? */
	bool seen;
} circles[] = {
	{ "just made", 1000, 1001, 1001, true },
	{ "made between", 1000, 1010, 1005, true },
	{ "made while we look: the next time", 1000, 1010, 1011, false },
	{ "older", 1000, 1010, 1000, false },
	{ "nothing was made", 1000, 1000, 999, false },
	{ "after the wrap", 32000, 400, 399, true },
	{ "before the wrap", 32000, 400, 32100, true },
	{ "old, between the two", 32000, 400, 401, false },
};

START_TEST(only_new_pids_are_looked_at)
{
	for (size_t i = 0; i < COUNT(circles); i++) {
		end();
		tree_create(&tree);
		tree_last_pid(&tree, circles[i].before);
		open_members(64, &(struct members_options){ .uid = geteuid() });
		process(500, 1);
		ck_assert_int_eq(members_add(members, 500), 0);
		discover(100);
		process(circles[i].pid, 500);
		tree_last_pid(&tree, circles[i].last);
		discover(101);
		SAME(circles[i].what, process_count(table), circles[i].seen ? 2 : 1);
		/* Once in a while everybody is. */
		discover(140);
		SAME(circles[i].what, process_count(table), 2);
	}
}
END_TEST

/* RAYPSS_RUN=12 must be there, NO_RAY= must not. */
static const struct {
	const char *what, *environ;
	size_t len;
	bool found;
} environments[] = {
#define ENV(text) text, sizeof(text) - 1
	{ "the mark among others", ENV("A=1\0RAYPSS_RUN=12\0B=2\0"), true },
	{ "the mark first", ENV("RAYPSS_RUN=12\0"), true },
	{ "the mark last, without an end", ENV("A=1\0RAYPSS_RUN=12"), false },
	{ "another's mark", ENV("RAYPSS_RUN=123\0"), false },
	{ "a part of the mark", ENV("RAYPSS_RUN=1\0"), false },
	{ "within another value", ENV("A=RAYPSS_RUN=12\0"), false },
	{ "within another name", ENV("XRAYPSS_RUN=12\0"), false },
	{ "what is forbidden too", ENV("RAYPSS_RUN=12\0NO_RAY=1\0"), false },
	{ "what is forbidden is empty", ENV("RAYPSS_RUN=12\0NO_RAY=\0"), false },
	{ "what only looks forbidden", ENV("RAYPSS_RUN=12\0NO_RAYS=1\0X=NO_RAY=1\0"), true },
	{ "without an environment", ENV(""), false },
	{ "nothing but ends", ENV("\0\0\0"), false },
	{ "a title over it", ENV("ray::f()                       "), false },
#undef ENV
};

static const struct members_options marked = {
	.required = { "RAYPSS_RUN=12" },
	.forbidden = "NO_RAY=",
};

START_TEST(who_lost_its_parents_is_recognised_by_its_environment)
{
	struct members_options options = marked;

	options.uid = geteuid();
	for (size_t i = 0; i < COUNT(environments); i++) {
		close_members();
		tree_remove(&tree, 700, NULL);
		tree_remove(&tree, 701, NULL);
		open_members(64, &options);
		process(700, 1);
		process(701, 700);
		tree_write_bytes(
			&tree, 700, "environ", environments[i].environ, environments[i].len);
		discover(1);
		/* With its child, whose environment says nothing. */
		SAME(environments[i].what, process_count(table), environments[i].found ? 2 : 0);
	}
}
END_TEST

START_TEST(the_environment_of_other_users_is_not_asked)
{
	struct members_options options = marked;

	options.uid = geteuid() + 1;
	close_members();
	open_members(64, &options);
	process(700, 1);
	tree_write_bytes(&tree, 700, "environ", "RAYPSS_RUN=12", 14);
	discover(1);
	ck_assert_uint_eq(process_count(table), 0);
}
END_TEST

START_TEST(children_of_the_reaper_are_members_and_itself_is_not)
{
	close_members();
	open_members(64, &(struct members_options){ .uid = geteuid(), .reaper = 400 });
	process(400, 1);
	process(501, 400);
	process(502, 501);
	discover(1);
	MEMBERS_ARE("a subreaper", 501, 502);
}
END_TEST

/* The accountant's own process is a child of the reaper, too. */
START_TEST(strangers_are_no_members_though_they_are_children_of_the_reaper)
{
	static const atomic_int strangers[] = { 0, 501 };

	close_members();
	open_members(64,
		&(struct members_options){ .uid = geteuid(),
			.reaper = 400,
			.strangers = strangers,
			.strangers_n = COUNT(strangers) });
	process(501, 400);
	process(502, 400);
	discover(1);
	MEMBERS_ARE("without the stranger", 502);
}
END_TEST

START_TEST(what_is_no_process_is_passed_over)
{
	process(500, 1);
	process(501, 500);
	tree_write(&tree, 502, "stat", "");
	tree_write(&tree, 503, "stat", "503 (sh) S ");
	tree_spoil(&tree, 504, "stat");
	tree_write(&tree, 0, "505", "no directory");
	tree_write(&tree, 0, "506x/stat", "506 (sh) S 500");
	tree_write(&tree, 0, "-507/stat", "507 (sh) S 500");
	tree_write(&tree, 0, "self/stat", "1 (sh) S 500");
	ck_assert_int_eq(members_add(members, 500), 0);
	discover(1);
	MEMBERS_ARE("rubbish", 500, 501);
}
END_TEST

START_TEST(a_full_table_is_told)
{
	close_members();
	open_members(2, &(struct members_options){ .uid = geteuid() });
	for (pid_t pid = 501; pid < 510; pid++)
		process(pid, 500);
	process(500, 1);
	process(600, 1);
	ck_assert_int_eq(members_add(members, 500), 0);
	ck_assert_int_eq(members_discover(members, NS_PER_S), -ENOSPC);
	ck_assert_int_eq(members_add(members, 600), -ENOSPC);
}
END_TEST

START_TEST(without_a_last_pid_there_is_no_way)
{
	static const char *const rubbish[] = { "", "rubbish", "\n" };
	struct members *other;

	for (size_t i = 0; i < COUNT(rubbish); i++) {
		tree_write(&tree, 0, "loadavg", rubbish[i]);
		ck_assert_int_eq(members_discover(members, NS_PER_S), -EINVAL);
		ck_assert_int_eq(
			members_create(tree.fd, table, &(struct members_options){ 0 }, &other),
			-EINVAL);
	}
	tree_remove(&tree, 0, "loadavg");
	ck_assert_int_eq(
		members_create(tree.fd, table, &(struct members_options){ 0 }, &other), -ENOENT);
	members_destroy(NULL);
}
END_TEST

START_TEST(the_cheaper_file_tells_the_last_pid_where_there_is_one)
{
	close_members();
	tree_write(&tree, 0, "sys/kernel/ns_last_pid", "1\n");
	open_members(64, &(struct members_options){ .uid = geteuid() });
	process(500, 1);
	ck_assert_int_eq(members_add(members, 500), 0);
	discover(1);
	process(501, 500);
	tree_write(&tree, 0, "sys/kernel/ns_last_pid", "500\n");
	tree_last_pid(&tree, 501);
	discover(2);
	MEMBERS_ARE("told by the cheaper file", 500);
	tree_write(&tree, 0, "sys/kernel/ns_last_pid", "501\n");
	discover(3);
	MEMBERS_ARE("a new last pid", 500, 501);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("members");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, descendants_are_found_in_whatever_order_they_are_listed);
	tcase_add_test(tc, a_task_is_added_once_and_refused_when_it_is_gone);
	tcase_add_test(tc, who_was_a_member_stays_one_whoever_its_parent_becomes);
	tcase_add_test(tc, only_new_pids_are_looked_at);
	tcase_add_test(tc, who_lost_its_parents_is_recognised_by_its_environment);
	tcase_add_test(tc, the_environment_of_other_users_is_not_asked);
	tcase_add_test(tc, children_of_the_reaper_are_members_and_itself_is_not);
	tcase_add_test(tc, strangers_are_no_members_though_they_are_children_of_the_reaper);
	tcase_add_test(tc, what_is_no_process_is_passed_over);
	tcase_add_test(tc, a_full_table_is_told);
	tcase_add_test(tc, without_a_last_pid_there_is_no_way);
	tcase_add_test(tc, the_cheaper_file_tells_the_last_pid_where_there_is_one);
	return unit_run();
}

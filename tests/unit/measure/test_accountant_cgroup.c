/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is a member of a control group, and the account that an accountant makes of one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "account/account.h"
#include "base/units.h"
#include "measure/accountant.h"
#include "measure/cgroup/cgroup_members.h"
#include "tests/unit/group.h"
#include "tests/unit/unit.h"

static void process(pid_t pid, pid_t ppid)
{
	tree_process(&group.proc,
		&(struct fake){ .pid = pid, .ppid = ppid, .size = 900, .rss = 100, .shared = 50 });
}

static struct process_table *members_of(pid_t except, int *rc)
{
	struct process_table *table = process_table_create(100);
	struct cgroup_members *members;

	ck_assert_int_eq(
		cgroup_members_open(group.proc.fd, table, group.user, except, &members), 0);
	*rc = cgroup_members_update(members);
	cgroup_members_close(members);
	return table;
}

START_TEST(members_are_all_below)
{
	char task[128], nested[128], empty[128];
	struct process_table *table;
	int rc;

	for (pid_t pid = 11; pid <= 15; pid++)
		process(pid, 1);
	group_make(task, group.user, "task_0");
	group_make(nested, task, "ray");
	group_make(empty, group.user, "task_1");
	group_put(group.user, "cgroup.procs", "11\n");
	group_put(task, "cgroup.procs", "12\n0\n99\n"); /* of another namespace, and gone */
	group_put(nested, "cgroup.procs", "13\n14\n");
	group_put(group.step, "cgroup.procs", "15\n"); /* not below */
	table = members_of(0, &rc);
	ck_assert_int_eq(rc, 0);
	SAME("all", process_count(table), 4);
	for (pid_t pid = 11; pid <= 14; pid++)
		ck_assert_msg(process_find(table, pid) != NULL, "%d", pid);
	process_table_destroy(table);
	table = members_of(13, &rc);
	SAME("but one", process_count(table), 3);
	process_table_destroy(table);
}
END_TEST

START_TEST(groups_are_read_down_to_a_bounded_depth)
{
	enum { DEEPEST = 16, GROUPS = DEEPEST + 4 };
	char dir[GROUPS + 1][GROUP_PATH], text[16];
	struct process_table *table;
	int rc;

	/* A process in the group and in each of a chain of groups below it. */
	snprintf(dir[0], sizeof(dir[0]), "%s", group.user);
	for (int i = 0; i <= GROUPS; i++) {
		if (i)
			group_make(dir[i], dir[i - 1], "a");
		process(100 + i, 1);
		snprintf(text, sizeof(text), "%d\n", 100 + i);
		group_put(dir[i], "cgroup.procs", text);
	}
	table = members_of(0, &rc);
	ck_assert_int_eq(rc, 0);
	SAME("members", process_count(table), 1 + DEEPEST);
	ck_assert(process_find(table, 100 + DEEPEST));
	process_table_destroy(table);
}
END_TEST

START_TEST(many_members_need_many_reads)
{
	struct process_table *table = process_table_create(20000);
	struct cgroup_members *members;
	char *text = malloc(200000);
	size_t n = 0;

	/* Few of them exist, which is all the same here. */
	for (int pid = 100000; pid < 110000; pid++)
		n += (size_t)sprintf(text + n, "%d\n", pid);
	for (pid_t pid = 100000; pid < 110000; pid += 1000)
		process(pid, 1);
	group_put(group.user, "cgroup.procs", text);
	ck_assert_int_eq(cgroup_members_open(group.proc.fd, table, group.user, 0, &members), 0);
	ck_assert_int_eq(cgroup_members_update(members), 0);
	SAME("those that exist", process_count(table), 10);
	cgroup_members_close(members);
	process_table_destroy(table);
	free(text);
}
END_TEST

enum { TICKS_MAX = 10000 };

static struct account account;

static struct accountant *accountant_with(double duty)
{
	struct accountant_options o = {
		.proc_root = group.proc.path,
		.interval_ns = INTERVAL_DEFAULT_NS,
		.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
		.budget = 0,
		.duty = duty,
		.limit = 500 * MIB,
	};
	struct accountant *a;

	tree_last_pid(&group.proc, 20);
	process(11, 1);
	group_put(group.user, "cgroup.procs", "11\n");
	ck_assert_int_eq(accountant_create(&o, &a), 0);
	account_init(&account, o.limit, monotonic_ns());
	return a;
}

static struct accountant *accountant_new(void)
{
	return accountant_with(0);
}

/* Looks that the account is told. */
static void look(struct accountant *a)
{
	const struct look *seen;

	ck_assert_int_eq(accountant_look(a, &seen), 0);
	account_add(&account, seen);
}

static void tick(struct accountant *a)
{
	const struct look *seen;

	ck_assert_int_eq(accountant_tick(a, &seen), 0);
	account_add(&account, seen);
}

START_TEST(the_accountant_takes_its_totals_from_the_group)
{
	struct accountant *a = accountant_new();

	group_put(group.job, "memory.peak", "199999488\n");
	ck_assert_int_eq(accountant_use_cgroup(a, group.user, group.job, 0), 0);
	look(a);
	SAME("source", account.source, SOURCE_CGROUP);
	SAME("footprint", sample_footprint(&account.peak), 61 * MIB);
	SAME("file", account.peak.file, 8 * MIB);
	SAME("rss", account.peak.rss, 100 * page_size());
	SAME("bound", account.bound, 99999744);
	SAME("of the job", account.job_bound, 199999488);
	SAME("given, since the group has none", account.limit, 500 * MIB);
	accountant_destroy(a);
}
END_TEST

/* Ticks until the peak has so many processes: after a dear look they have to wait for their turn. */
static void tick_until_read(struct accountant *a, uint64_t processes)
{
	for (unsigned i = 0; account.peak.processes != processes && i < TICKS_MAX; i++) {
		unit_clock_add(MIN_INTERVAL_DEFAULT_NS);
		tick(a);
	}
	SAME("processes at the peak", account.peak.processes, processes);
}

START_TEST(a_tick_reads_processes_only_when_due)
{
	struct accountant *a = accountant_new();

	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	process(12, 1);
	group_put(group.user, "cgroup.procs", "11\n12\n");
	group_stat(19, 40, 8);
	unit_clock_add(NS_PER_S - NS_PER_MS);
	tick(a);
	SAME("smaller", sample_footprint(&account.last), 60 * MIB);
	SAME("not read", account.last.processes, 1);
	group_stat(21, 40, 8);
	tick(a);
	SAME("a peak, by little", account.peak.processes, 1);
	/* Then the peak is made complete. */
	tick_until_read(a, 2);
	SAME("and stays the peak", sample_footprint(&account.peak), 62 * MIB);
	process(13, 1);
	group_put(group.user, "cgroup.procs", "11\n12\n13\n");
	group_stat(30, 40, 8);
	/* A peak, by much. */
	tick_until_read(a, 3);
	accountant_destroy(a);
}
END_TEST

START_TEST(a_store_that_another_step_is_charged_with_is_told)
{
	struct accountant *a = accountant_new();
	int fd = tree_memory(2 * MIB);

	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	SAME("none yet", account.objects_n, 0);
	process(12, 1);
	tree_map(&group.proc, 12, 0, "rw-s", fd, "/dev/shm/plasmaX (deleted)");
	group_put(group.user, "cgroup.procs", "11\n12\n");
	look(a);
	SAME("no new peak", account.peak.processes, 1);
	SAME("told", account.objects_n, 1);
	SAME("told", account.objects[0].bytes, 2 * MIB);
	accountant_destroy(a);
	close(fd);
}
END_TEST

START_TEST(the_last_reading_needs_no_processes)
{
	struct accountant *a = accountant_new();

	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	tree_remove(&group.proc, 11, NULL);
	group_put(group.user, "cgroup.procs", "");
	group_put(group.user, "memory.peak", "123456789\n");
	group_mib(group.user, "memory.max", 70);
	group_events(group.user, "memory.events", 1, 1);
	group_stat(0, 0, 0);
	look(a);
	SAME("bound", account.bound, 123456789);
	SAME("kills", account.kills, 1);
	SAME("scope", account.kill_scope, SCOPE_STEP);
	SAME("limit", account.limit, 70 * MIB);
	SAME("no look at nobody", account.samples, 1);
	accountant_destroy(a);
}
END_TEST

START_TEST(a_kill_wakes)
{
	struct accountant *a = accountant_new();
	struct pollfd fds[ACCOUNTANT_WATCHED];

	accountant_watch(a, fds);
	for (unsigned i = 0; i < ACCOUNTANT_WATCHED; i++)
		ck_assert_int_eq(fds[i].fd, -1);
	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	accountant_watch(a, fds);
	ck_assert_int_ge(fds[0].fd, 0);
	ck_assert(!accountant_woken(a, fds));
	fds[0].revents = POLLPRI | POLLERR;
	group_events(group.user, "memory.events", 0, 0);
	ck_assert(!accountant_woken(a, fds));
	ck_assert_uint_le(accountant_due_ns(a), monotonic_ns() + MIN_INTERVAL_DEFAULT_NS);
	group_events(group.user, "memory.events", 1, 1);
	ck_assert(accountant_woken(a, fds));
	ck_assert(!accountant_woken(a, fds));
	accountant_destroy(a);
}
END_TEST

START_TEST(further_kills_keep_to_the_duty)
{
	struct accountant *a = accountant_with(1e-9);
	struct pollfd fds[ACCOUNTANT_WATCHED];

	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	accountant_watch(a, fds);
	fds[0].revents = POLLPRI | POLLERR;
	group_events(group.user, "memory.events", 1, 1);
	ck_assert(accountant_woken(a, fds));
	look(a);
	SAME("kills", account.kills, 1);
	group_events(group.user, "memory.events", 2, 2);
	process(12, 1);
	group_put(group.user, "cgroup.procs", "11\n12\n");
	ck_assert(!accountant_woken(a, fds));
	tick(a);
	SAME("kills", account.kills, 2);
	SAME("processes", account.last.processes, 1);
	ck_assert_uint_gt(accountant_due_ns(a), monotonic_ns() + 60 * NS_PER_S);
	accountant_destroy(a);
}
END_TEST

/* Savings of 6 ms, so that some looks use them up. */
#define SMALL_DUTY 1e-4

START_TEST(the_totals_are_looked_at_while_processes_are_too_dear)
{
	struct accountant *a = accountant_with(SMALL_DUTY);
	unsigned looks = 0;

	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	process(12, 1);
	group_put(group.user, "cgroup.procs", "11\n12\n");
	while (!account.duty_delay_ns) {
		ck_assert_uint_lt(looks++, TICKS_MAX);
		look(a);
		unit_clock_add(NS_PER_MS);
		tick(a);
	}
	/* So much growth is worth a look at the processes. */
	group_stat(2000, 40, 8);
	unit_clock_add(NS_PER_MS);
	tick(a);
	SAME("the peak has the totals", account.peak.private, 2000 * MIB);
	ck_assert_uint_lt(account.peak.processes_ns, account.peak.at_ns);
	/* The totals do not take all of the duty: the processes have their turn. */
	while (account.peak.processes_ns < account.peak.at_ns) {
		ck_assert_uint_lt(looks++, TICKS_MAX);
		if (accountant_due_ns(a) > monotonic_ns())
			unit_clock_add(accountant_due_ns(a) - monotonic_ns());
		tick(a);
	}
	accountant_destroy(a);
}
END_TEST

START_TEST(the_shares_of_a_tick_add_up_to_its_footprint)
{
	struct accountant *a = accountant_new();
	const struct look *seen;

	process(12, 1);
	group_put(group.user, "cgroup.procs", "11\n12\n");
	accountant_use_cgroup(a, group.user, group.job, 0);
	look(a);
	/* Too little for a look at the processes. */
	group_stat(21, 40, 8);
	unit_clock_add(NS_PER_MS);
	ck_assert_int_eq(accountant_tick(a, &seen), 0);
	ck_assert_uint_lt(seen->sample.processes_ns, seen->at_ns);
	SAME("rows", seen->processes_n, 2);
	SAME("footprint",
		seen->processes[0].share + seen->processes[1].share + seen->rest.unmapped +
			seen->rest.other,
		sample_footprint(&seen->sample));
	accountant_destroy(a);
}
END_TEST

START_TEST(only_members_come_from_v1)
{
	struct accountant *a = accountant_new();

	group_put(group.user, "memory.stat", "cache 0\nrss 4096\n");
	process(12, 1);
	group_put(group.user, "cgroup.procs", "11\n12\n");
	ck_assert_int_eq(accountant_use_cgroup(a, group.user, NULL, 12), 0);
	look(a);
	SAME("source", account.source, SOURCE_PROCFS);
	SAME("slurmstepd is none", account.peak.processes, 1);
	SAME("private", account.peak.private, 50 * page_size());
	SAME("bound", account.bound, 50 * page_size());
	SAME("limit", account.limit, 500 * MIB);
	ck_assert_int_eq(accountant_use_cgroup(a, "/nowhere", NULL, 0), -ENOENT);
	accountant_destroy(a);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("cgroup_account");

	tcase_add_checked_fixture(tc, group_begin, group_end);
	tcase_add_test(tc, members_are_all_below);
	tcase_add_test(tc, groups_are_read_down_to_a_bounded_depth);
	tcase_add_test(tc, many_members_need_many_reads);
	tcase_add_test(tc, the_accountant_takes_its_totals_from_the_group);
	tcase_add_test(tc, a_tick_reads_processes_only_when_due);
	tcase_add_test(tc, a_store_that_another_step_is_charged_with_is_told);
	tcase_add_test(tc, the_last_reading_needs_no_processes);
	tcase_add_test(tc, a_kill_wakes);
	tcase_add_test(tc, further_kills_keep_to_the_duty);
	tcase_add_test(tc, the_totals_are_looked_at_while_processes_are_too_dear);
	tcase_add_test(tc, the_shares_of_a_tick_add_up_to_its_footprint);
	tcase_add_test(tc, only_members_come_from_v1);
	return unit_run();
}

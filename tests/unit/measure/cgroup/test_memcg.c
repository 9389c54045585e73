/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/cgroup/memcg.h"
#include "tests/unit/group.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct memcg *memcg;

static void end(void)
{
	memcg_close(memcg);
	memcg = NULL;
	group_end();
}

START_TEST(a_sample_has_the_groups_parts)
{
	struct sample s = { .rss = 5 };

	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("private", s.private, 20 * MIB);
	SAME("shared", s.shared, 40 * MIB);
	SAME("kernel", s.kernel, 1 * MIB);
	SAME("page cache apart", s.file, 8 * MIB);
	SAME("swap", s.swap, 0);
	SAME("what it does not know stays", s.rss, 5);
	group_put(group.user, "memory.swap.current", "5242880\n");
	group_stat(10, 0, 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("read anew", s.private, 10 * MIB);
	SAME("less what is in memory, too", s.swap, 4 * MIB);
	group_put(group.user, "memory.stat", "anon x\n");
	ck_assert_int_eq(memcg_sample(memcg, &s), -EINVAL);
}
END_TEST

START_TEST(huge_pages_are_those_of_the_controller)
{
	struct sample s = sample_unknown(1);

	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("no controller", s.hugetlb, UNKNOWN);
	memcg_close(memcg);
	group_mib(group.user, "hugetlb.2MB.current", 6);
	group_mib(group.user, "hugetlb.2MB.rsvd.current", 80);
	group_mib(group.user, "hugetlb.2MB.max", 0);
	group_put(group.user, "hugetlb.1GB.current", "0\n");
	group_mib(group.user, "hugetlb.1GB.max", 0);
	group_mib(group.job, "hugetlb.2MB.max", 10);
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("used", s.hugetlb, 6 * MIB);
	SAME("the job's limit", s.hugetlb_limit, 10 * MIB);
	SAME("not in the footprint", sample_footprint(&s), 61 * MIB);
	group_mib(group.user, "hugetlb.1GB.current", 1024);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("of both sizes", s.hugetlb, 1030 * MIB);
	SAME("one has no limit", s.hugetlb_limit, UNKNOWN);
	group_put(group.user, "hugetlb.2MB.current", "0\n");
	group_put(group.user, "hugetlb.1GB.current", "0\n");
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("nothing is used", s.hugetlb, 0);
	SAME("nor limited", s.hugetlb_limit, UNKNOWN);
}
END_TEST

START_TEST(huge_pages_that_are_charged_are_in_the_footprint)
{
	struct sample s = sample_unknown(1);

	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	group_put(group.user, "memory.stat",
		"anon 4096\nshmem 0\nfile 0\nkernel 0\nhugetlb 2097152\n");
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("used", s.hugetlb, 2 * MIB);
	SAME("footprint", sample_footprint(&s), 2 * MIB + 4096);
}
END_TEST

START_TEST(what_is_charged_and_where_it_lies)
{
	struct look_numa nodes[2];
	struct pressure stalled;
	struct sample s;

	group_put(group.user, "memory.current", "73400320\n");
	group_put(group.user, "memory.numa_stat",
		"anon N0=4096 N1=8192\nfile N0=12288 N1=0\nshmem N0=4096 N1=0\n");
	group_put(group.user, "memory.pressure", "");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("charged", s.charged, 70 * MIB);
	/* 71 MiB are named: memory.stat was read later. */
	SAME("nothing beyond that", s.unattributed, 0);
	ck_assert_int_eq(memcg_numa(memcg, nodes, COUNT(nodes)), 2);
	SAME("private", nodes[1].anon, 8192);
	SAME("page cache without shared memory", nodes[0].file, 8192);
	/* Opening it has set a trigger. */
	group_put(group.user, "memory.pressure",
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=2000\n"
		"full avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n");
	ck_assert_int_eq(memcg_pressure(memcg, &stalled), 0);
	SAME("some", stalled.some_us, 2000);
	SAME("all", stalled.full_us, 1000);
	memcg_close(memcg);
	group_remove(group.user, "memory.numa_stat");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	ck_assert_int_lt(memcg_numa(memcg, nodes, COUNT(nodes)), 0);
	memcg_close(memcg);
	group_remove(group.user, "memory.pressure");
	group_remove(group.user, "memory.current");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("not known", s.charged, UNKNOWN);
	ck_assert_int_lt(memcg_pressure(memcg, &stalled), 0);
}
END_TEST

START_TEST(what_has_no_name_is_told_beyond_what_may_lag)
{
	const uint64_t lag = 2 * 64 * page_size() * (uint64_t)sysconf(_SC_NPROCESSORS_CONF);
	char text[32];
	struct sample s;

	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)(71 * MIB + lag));
	group_put(group.user, "memory.current", text);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("may be late", s.unattributed, 0);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)(371 * MIB + lag));
	group_put(group.user, "memory.current", text);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("pinned", s.unattributed, 300 * MIB);
	/* Before Linux 5.18. */
	group_put(group.user, "memory.stat", "anon 0\nfile 0\nshmem 0\nslab_unreclaimable 0\n");
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("not known", s.unattributed, UNKNOWN);
}
END_TEST

START_TEST(without_v2_figures_there_is_none)
{
	group_put(group.user, "memory.stat", "cache 0\nrss 4096\nshmem 0\n");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), -ENOTSUP);
	group_remove(group.user, "memory.stat");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), -ENOTSUP);
	ck_assert_int_eq(memcg_open("/nowhere", NULL, &memcg), -ENOENT);
	group_stat(1, 1, 1);
	group_remove(group.user, "memory.events");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), -ENOTSUP);
}
END_TEST

START_TEST(the_smallest_limit_up_to_the_job_binds)
{
	group_put(group.root, "memory.max", "1\n"); /* above the job: not the step's */
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	SAME("none", memcg_limit(memcg), UNKNOWN);
	group_put(group.job, "memory.max", "300\n");
	SAME("the job's", memcg_limit(memcg), 300);
	group_put(group.user, "memory.max", "200\n");
	SAME("the step's", memcg_limit(memcg), 200);
	group_put(group.job, "memory.max", "100\n");
	SAME("changed meanwhile", memcg_limit(memcg), 100);
	memcg_close(memcg);
	ck_assert_int_eq(memcg_open(group.user, NULL, &memcg), 0);
	SAME("alone", memcg_limit(memcg), 200);
	memcg_close(memcg);
	ck_assert_int_eq(memcg_open(group.user, "/elsewhere", &memcg), 0);
	SAME("not below top", memcg_limit(memcg), 200);
}
END_TEST

START_TEST(the_bound_is_the_kernels_peak)
{
	struct sample s;

	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	SAME("no swap", memcg_bound(memcg), 99999744);
	group_put(group.user, "memory.swap.current", "4096\n");
	memcg_sample(memcg, &s);
	group_put(group.user, "memory.swap.current", "0\n");
	SAME("swap was used, nobody knows its peak", memcg_bound(memcg), UNKNOWN);
	memcg_close(memcg);
	group_put(group.user, "memory.swap.peak", "8192\n");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	SAME("with its peak", memcg_bound(memcg), 99999744 + 8192);
	memcg_close(memcg);
	group_remove(group.user, "memory.peak");
	ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
	SAME("before 5.19", memcg_bound(memcg), UNKNOWN);
}
END_TEST

static const struct {
	const char *what;
	unsigned user_oom, user_kills, step_local, job_local;
	unsigned user_max, job_max, job_current, step_current; /* MiB, 0 = none */
	enum kill_scope scope;
	unsigned kills;
} kills[] = {
	{ "nothing", 0, 0, 0, 0, 0, 0, 0, 0, SCOPE_NONE, 0 },
	{ "its own limit", 1, 2, 0, 0, 100, 200, 0, 0, SCOPE_STEP, 2 },
	{ "its own, and the job's before", 1, 1, 0, 1, 100, 200, 0, 0, SCOPE_STEP, 1 },
	{ "the step's directory", 0, 1, 1, 0, 0, 200, 0, 0, SCOPE_STEP, 1 },
	{ "the job's", 0, 1, 0, 1, 100, 150, 80, 5, SCOPE_JOB, 1 },
	{ "the job's, with no limit of its own", 0, 1, 0, 1, 0, 100, 5, 5, SCOPE_JOB, 1 },
	{ "the job's, which is its own, and nobody else there", 0, 1, 0, 1, 100, 100, 8, 6,
		SCOPE_STEP, 1 },
	{ "the node's", 0, 1, 0, 0, 100, 100, 5, 5, SCOPE_NODE, 1 },
	{ "an attempt that killed nobody here", 0, 0, 0, 1, 100, 100, 5, 5, SCOPE_NONE, 0 },
};

START_TEST(whose_limit_a_kill_was_for)
{
	for (size_t i = 0; i < COUNT(kills); i++) {
		struct memcg_kills k;

		/* Counters do not begin at 0 in a directory that was left behind. */
		group_events(group.user, "memory.events", 3, 3);
		group_events(group.step, "memory.events.local", 3, 3);
		group_events(group.job, "memory.events.local", 3, 3);
		ck_assert_int_eq(memcg_open(group.user, group.job, &memcg), 0);
		group_mib(group.user, "memory.max", kills[i].user_max);
		group_mib(group.job, "memory.max", kills[i].job_max);
		group_mib(group.step, "memory.current", kills[i].step_current);
		group_mib(group.job, "memory.current", kills[i].job_current);
		group_events(group.user, "memory.events", 3 + kills[i].user_oom,
			3 + kills[i].user_kills);
		group_events(group.step, "memory.events.local", 3 + kills[i].step_local, 3);
		group_events(group.job, "memory.events.local", 3 + kills[i].job_local, 3);
		ck_assert_int_eq(memcg_kills(memcg, &k), 0);
		SAME(kills[i].what, k.kills, kills[i].kills);
		SAME(kills[i].what, k.scope, kills[i].scope);
		ck_assert_int_eq(memcg_kills(memcg, &k), 0);
		SAME(kills[i].what, k.kills, kills[i].kills);
		SAME("asked again", k.scope, kills[i].scope);
		memcg_close(memcg);
		memcg = NULL;
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("cgroup");

	tcase_add_checked_fixture(tc, group_begin, end);
	tcase_add_test(tc, a_sample_has_the_groups_parts);
	tcase_add_test(tc, huge_pages_are_those_of_the_controller);
	tcase_add_test(tc, huge_pages_that_are_charged_are_in_the_footprint);
	tcase_add_test(tc, what_is_charged_and_where_it_lies);
	tcase_add_test(tc, what_has_no_name_is_told_beyond_what_may_lag);
	tcase_add_test(tc, without_v2_figures_there_is_none);
	tcase_add_test(tc, the_smallest_limit_up_to_the_job_binds);
	tcase_add_test(tc, the_bound_is_the_kernels_peak);
	tcase_add_test(tc, whose_limit_a_kill_was_for);
	return unit_run();
}

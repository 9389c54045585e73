#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accountant.h"
#include "cgroup.h"
#include "cgroup_members.h"
#include "tree.h"
#include "unit.h"
#include "units.h"

/* A job's directory with a step in it, laid out as Slurm does, beside a fake /proc. */
static struct tree proc;
static char root[] = "/tmp/raypss-cgroup.XXXXXX";
static char job[128], step[128], user[128];
static struct memcg *memcg;

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_msg(fd >= 0, "%s", path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void take_away(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static char *make(char *path, const char *parent, const char *name)
{
	snprintf(path, 128, "%s/%s", parent, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	put(path, "memory.max", "max\n");
	put(path, "memory.current", "0\n");
	put(path, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
	put(path, "memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
	put(path, "cgroup.procs", "");
	return path;
}

static void stat_put(unsigned anon, unsigned shmem, unsigned cache)
{
	char text[512];

	snprintf(text, sizeof(text),
		"anon %llu\nfile %llu\nkernel %llu\nshmem %llu\nslab_reclaimable %llu\n"
		"swapcached %llu\n",
		anon * MIB, (shmem + cache) * MIB, 3 * MIB, shmem * MIB, 2 * MIB, 1 * MIB);
	put(user, "memory.stat", text);
}

static void begin(void)
{
	tree_create(&proc);
	ck_assert_ptr_nonnull(mkdtemp(strcpy(root, "/tmp/raypss-cgroup.XXXXXX")));
	make(job, root, "job_7");
	make(step, job, "step_0");
	make(user, step, "user");
	put(user, "memory.swap.current", "0\n");
	put(user, "memory.peak", "99999744\n");
	stat_put(20, 40, 8);
	memcg = NULL;
}

static void end(void)
{
	char command[128];

	memcg_close(memcg);
	tree_destroy(&proc);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_sample_has_the_groups_parts)
{
	struct sample s = { .rss = 5 };

	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("private", s.private, 20 * MIB);
	SAME("shared", s.shared, 40 * MIB);
	SAME("kernel", s.kernel, 1 * MIB);
	SAME("page cache apart", s.file, 8 * MIB);
	SAME("swap", s.swap, 0);
	SAME("what it does not know stays", s.rss, 5);
	put(user, "memory.swap.current", "5242880\n");
	stat_put(10, 0, 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("read anew", s.private, 10 * MIB);
	SAME("less what is in memory, too", s.swap, 4 * MIB);
	put(user, "memory.stat", "anon x\n");
	ck_assert_int_eq(memcg_sample(memcg, &s), -EINVAL);
}
END_TEST

START_TEST(what_is_charged_and_where_it_lies)
{
	struct memcg_numa nodes[2];
	struct pressure stalled;
	struct sample s;

	put(user, "memory.current", "73400320\n");
	put(user, "memory.numa_stat",
		"anon N0=4096 N1=8192\nfile N0=12288 N1=0\nshmem N0=4096 N1=0\n");
	put(user, "memory.pressure", "");
	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("charged", s.charged, 70 * MIB);
	ck_assert_int_eq(memcg_numa(memcg, nodes, COUNT(nodes)), 2);
	SAME("private", nodes[1].anon, 8192);
	SAME("page cache without shared memory", nodes[0].file, 8192);
	/* Opening it has set a trigger. */
	put(user, "memory.pressure",
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=2000\n"
		"full avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n");
	ck_assert_int_eq(memcg_pressure(memcg, &stalled), 0);
	SAME("some", stalled.some_us, 2000);
	SAME("all", stalled.full_us, 1000);
	memcg_close(memcg);
	take_away(user, "memory.numa_stat");
	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	ck_assert_int_lt(memcg_numa(memcg, nodes, COUNT(nodes)), 0);
	memcg_close(memcg);
	take_away(user, "memory.pressure");
	take_away(user, "memory.current");
	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	ck_assert_int_eq(memcg_sample(memcg, &s), 0);
	SAME("not known", s.charged, UNKNOWN);
	ck_assert_int_lt(memcg_pressure(memcg, &stalled), 0);
}
END_TEST

START_TEST(without_v2_figures_there_is_none)
{
	put(user, "memory.stat", "cache 0\nrss 4096\nshmem 0\n");
	ck_assert_int_eq(memcg_open(user, job, &memcg), -ENOTSUP);
	take_away(user, "memory.stat");
	ck_assert_int_eq(memcg_open(user, job, &memcg), -ENOTSUP);
	ck_assert_int_eq(memcg_open("/nowhere", NULL, &memcg), -ENOENT);
	stat_put(1, 1, 1);
	take_away(user, "memory.events");
	ck_assert_int_eq(memcg_open(user, job, &memcg), -ENOTSUP);
}
END_TEST

START_TEST(the_smallest_limit_up_to_the_job_binds)
{
	put(root, "memory.max", "1\n"); /* above the job: not the step's */
	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	SAME("none", memcg_limit(memcg), UNKNOWN);
	put(job, "memory.max", "300\n");
	SAME("the job's", memcg_limit(memcg), 300);
	put(user, "memory.max", "200\n");
	SAME("the step's", memcg_limit(memcg), 200);
	put(job, "memory.max", "100\n");
	SAME("changed meanwhile", memcg_limit(memcg), 100);
	memcg_close(memcg);
	ck_assert_int_eq(memcg_open(user, NULL, &memcg), 0);
	SAME("alone", memcg_limit(memcg), 200);
	memcg_close(memcg);
	ck_assert_int_eq(memcg_open(user, "/elsewhere", &memcg), 0);
	SAME("not below top", memcg_limit(memcg), 200);
}
END_TEST

START_TEST(the_bound_is_the_kernels_peak)
{
	struct sample s;

	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	SAME("no swap", memcg_bound(memcg), 99999744);
	put(user, "memory.swap.current", "4096\n");
	memcg_sample(memcg, &s);
	put(user, "memory.swap.current", "0\n");
	SAME("swap was used, nobody knows its peak", memcg_bound(memcg), UNKNOWN);
	memcg_close(memcg);
	put(user, "memory.swap.peak", "8192\n");
	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
	SAME("with its peak", memcg_bound(memcg), 99999744 + 8192);
	memcg_close(memcg);
	take_away(user, "memory.peak");
	ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
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

static void mib_put(const char *dir, const char *name, unsigned mib)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu\n", mib * MIB);
	put(dir, name, mib ? text : "max\n");
}

static void events_put(const char *dir, const char *name, unsigned oom, unsigned oom_kill)
{
	char text[128];

	snprintf(text, sizeof(text), "low 0\nhigh 0\nmax 9\noom %u\noom_kill %u\n", oom, oom_kill);
	put(dir, name, text);
}

START_TEST(whose_limit_a_kill_was_for)
{
	for (size_t i = 0; i < COUNT(kills); i++) {
		struct memcg_kills k;

		/* Counters do not begin at 0 in a directory that was left behind. */
		events_put(user, "memory.events", 3, 3);
		events_put(step, "memory.events.local", 3, 3);
		events_put(job, "memory.events.local", 3, 3);
		ck_assert_int_eq(memcg_open(user, job, &memcg), 0);
		mib_put(user, "memory.max", kills[i].user_max);
		mib_put(job, "memory.max", kills[i].job_max);
		mib_put(step, "memory.current", kills[i].step_current);
		mib_put(job, "memory.current", kills[i].job_current);
		events_put(user, "memory.events", 3 + kills[i].user_oom, 3 + kills[i].user_kills);
		events_put(step, "memory.events.local", 3 + kills[i].step_local, 3);
		events_put(job, "memory.events.local", 3 + kills[i].job_local, 3);
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

static void process(pid_t pid, pid_t ppid)
{
	tree_process(&proc,
		&(struct fake){ .pid = pid, .ppid = ppid, .size = 900, .rss = 100, .shared = 50 });
}

static struct process_table *members_of(pid_t except, int *rc)
{
	struct process_table *table = process_table_create(100);
	struct cgroup_members *members;

	ck_assert_int_eq(cgroup_members_open(proc.fd, table, user, except, &members), 0);
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
	make(task, user, "task_0");
	make(nested, task, "ray");
	make(empty, user, "task_1");
	put(user, "cgroup.procs", "11\n");
	put(task, "cgroup.procs", "12\n0\n99\n"); /* of another namespace, and gone */
	put(nested, "cgroup.procs", "13\n14\n");
	put(step, "cgroup.procs", "15\n"); /* not below */
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
	put(user, "cgroup.procs", text);
	ck_assert_int_eq(cgroup_members_open(proc.fd, table, user, 0, &members), 0);
	ck_assert_int_eq(cgroup_members_update(members), 0);
	SAME("those that exist", process_count(table), 10);
	cgroup_members_close(members);
	process_table_destroy(table);
	free(text);
}
END_TEST

static struct account account;

static struct accountant *accountant_new(void)
{
	struct accountant_options o = {
		.proc_root = proc.path,
		.interval_ns = INTERVAL_DEFAULT_NS,
		.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
		.budget = 0,
		.limit = 500 * MIB,
	};
	struct accountant *a;

	tree_last_pid(&proc, 20);
	process(11, 1);
	put(user, "cgroup.procs", "11\n");
	ck_assert_int_eq(accountant_create(&o, &account, &a), 0);
	return a;
}

START_TEST(the_accountant_takes_its_totals_from_the_group)
{
	struct accountant *a = accountant_new();

	ck_assert_int_eq(accountant_use_cgroup(a, user, job, 0), 0);
	SAME("source", account.source, SOURCE_CGROUP);
	ck_assert_int_eq(accountant_look(a), 0);
	SAME("footprint", sample_footprint(&account.peak), 61 * MIB);
	SAME("file", account.peak.file, 8 * MIB);
	SAME("rss", account.peak.rss, 100 * page_size());
	SAME("bound", account.bound, 99999744);
	SAME("given, since the group has none", account.limit, 500 * MIB);
	accountant_destroy(a);
}
END_TEST

START_TEST(a_tick_reads_processes_only_when_due)
{
	struct accountant *a = accountant_new();

	accountant_use_cgroup(a, user, job, 0);
	accountant_look(a);
	process(12, 1);
	put(user, "cgroup.procs", "11\n12\n");
	stat_put(19, 40, 8);
	accountant_tick(a);
	SAME("smaller", sample_footprint(&account.last), 60 * MIB);
	SAME("not read", account.last.processes, 1);
	stat_put(21, 40, 8);
	accountant_tick(a);
	SAME("a peak, by little", account.peak.processes, 1);
	accountant_tick(a);
	SAME("then it is made complete", account.peak.processes, 2);
	SAME("and stays the peak", sample_footprint(&account.peak), 62 * MIB);
	process(13, 1);
	put(user, "cgroup.procs", "11\n12\n13\n");
	stat_put(30, 40, 8);
	accountant_tick(a);
	SAME("a peak, by much", account.peak.processes, 3);
	accountant_destroy(a);
}
END_TEST

START_TEST(a_store_that_another_step_is_charged_with_is_told)
{
	struct accountant *a = accountant_new();
	int fd = tree_memory(2 * MIB);

	accountant_use_cgroup(a, user, job, 0);
	accountant_look(a);
	SAME("none yet", account.objects_n, 0);
	process(12, 1);
	tree_map(&proc, 12, 0, "rw-s", fd, "/dev/shm/plasmaX (deleted)");
	put(user, "cgroup.procs", "11\n12\n");
	accountant_look(a);
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

	accountant_use_cgroup(a, user, job, 0);
	accountant_look(a);
	tree_remove(&proc, 11, NULL);
	put(user, "cgroup.procs", "");
	put(user, "memory.peak", "123456789\n");
	mib_put(user, "memory.max", 70);
	events_put(user, "memory.events", 1, 1);
	stat_put(0, 0, 0);
	accountant_look(a);
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
	accountant_use_cgroup(a, user, job, 0);
	accountant_look(a);
	accountant_watch(a, fds);
	ck_assert_int_ge(fds[0].fd, 0);
	ck_assert(!accountant_woken(a, fds));
	fds[0].revents = POLLPRI | POLLERR;
	events_put(user, "memory.events", 0, 0);
	ck_assert(!accountant_woken(a, fds));
	ck_assert_uint_le(accountant_due_ns(a), monotonic_ns() + MIN_INTERVAL_DEFAULT_NS);
	events_put(user, "memory.events", 1, 1);
	ck_assert(accountant_woken(a, fds));
	ck_assert(!accountant_woken(a, fds));
	accountant_destroy(a);
}
END_TEST

START_TEST(only_members_come_from_v1)
{
	struct accountant *a = accountant_new();

	put(user, "memory.stat", "cache 0\nrss 4096\n");
	process(12, 1);
	put(user, "cgroup.procs", "11\n12\n");
	ck_assert_int_eq(accountant_use_cgroup(a, user, NULL, 12), 0);
	SAME("source", account.source, SOURCE_PROCFS);
	accountant_look(a);
	SAME("slurmstepd is none", account.peak.processes, 1);
	SAME("private", account.peak.private, 50 * page_size());
	SAME("bound", account.bound, UNKNOWN);
	SAME("limit", account.limit, 500 * MIB);
	ck_assert_int_eq(accountant_use_cgroup(a, "/nowhere", NULL, 0), -ENOENT);
	accountant_destroy(a);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("cgroup");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_sample_has_the_groups_parts);
	tcase_add_test(tc, what_is_charged_and_where_it_lies);
	tcase_add_test(tc, without_v2_figures_there_is_none);
	tcase_add_test(tc, the_smallest_limit_up_to_the_job_binds);
	tcase_add_test(tc, the_bound_is_the_kernels_peak);
	tcase_add_test(tc, whose_limit_a_kill_was_for);
	tcase_add_test(tc, members_are_all_below);
	tcase_add_test(tc, many_members_need_many_reads);
	tcase_add_test(tc, the_accountant_takes_its_totals_from_the_group);
	tcase_add_test(tc, a_tick_reads_processes_only_when_due);
	tcase_add_test(tc, a_store_that_another_step_is_charged_with_is_told);
	tcase_add_test(tc, the_last_reading_needs_no_processes);
	tcase_add_test(tc, a_kill_wakes);
	tcase_add_test(tc, only_members_come_from_v1);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account/account.h"
#include "base/units.h"
#include "measure/accountant.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct account account;
static struct accountant *accountant;
static uint64_t pages;

static struct accountant_options options(const char *proc_root)
{
	return (struct accountant_options){
		.proc_root = proc_root,
		.interval_ns = INTERVAL_DEFAULT_NS,
		.min_interval_ns = MIN_INTERVAL_DEFAULT_NS,
		.budget = 0.01,
		.limit = 64 * MIB,
		.members = { .uid = geteuid() },
	};
}

static void begin(void)
{
	struct accountant_options o;

	tree_create(&tree);
	tree_last_pid(&tree, 500);
	o = options(tree.path);
	pages = page_size();
	ck_assert_int_eq(accountant_create(&o, &accountant), 0);
	account_init(&account, o.limit, monotonic_ns());
}

/* A look that the account is told. */
static int look(struct accountant *a)
{
	const struct look *seen;
	int rc = accountant_look(a, &seen);

	account_add(&account, seen);
	return rc;
}

static void end(void)
{
	accountant_destroy(accountant);
	tree_destroy(&tree);
}

static void process(pid_t pid, pid_t ppid, unsigned rss, const char *title)
{
	const char *slash = strrchr(title, '/');
	char rollup[128];

	tree_process(&tree,
		&(struct fake){ .pid = pid,
			.ppid = ppid,
			.size = 90000,
			.rss = rss,
			.comm = slash ? slash + 1 : title,
			.cmdline = title });
	snprintf(rollup, sizeof(rollup), "Rss: %ju kB\nPss: %ju kB\nPss_Anon: 0 kB\n",
		(uintmax_t)(rss * pages / KIB), (uintmax_t)(rss * pages / KIB));
	tree_write(&tree, pid, "smaps_rollup", rollup);
}

START_TEST(a_step_is_accounted_from_its_tasks_on)
{
	int store = tree_memory(4 * MIB);
	struct stat st;

	process(500, 1, 1000, "/usr/bin/python3");
	process(501, 500, 2000, "ray::f()");
	process(600, 1, 9000, "somebody else");
	tree_map(&tree, 501, 0, "rw-s", store, "/dev/shm/plasmaX (deleted)");
	ck_assert_int_eq(accountant_add_task(accountant, 500, 0), 0);
	ck_assert_int_eq(accountant_add_task(accountant, 499, 0), -ESRCH);
	ck_assert_int_eq(look(accountant), 0);
	ck_assert_uint_eq(accountant_processes(accountant), 2);
	ck_assert_uint_eq(account.samples, 1);
	ck_assert_int_eq(account.source, SOURCE_PROCFS);
	ck_assert_uint_eq(account.limit, 64 * MIB);
	ck_assert_uint_eq(sample_footprint(&account.peak), 3000 * pages + 4 * MIB);
	ck_assert_uint_eq(account.peak.store, 4 * MIB);
	ck_assert_uint_eq(account.scans, 2);
	ck_assert_uint_eq(account.pss, 3000 * pages);
	ck_assert_uint_eq(account.top_n, 3);
	ck_assert_int_eq(account.top[0].pid, 501);
	ck_assert_int_eq(account.top[0].role, ROLE_TASK);
	ck_assert_str_eq(account.top[1].name, "(shared memory that no process maps)");
	ck_assert_str_eq(account.top[2].name, "python3");
	ck_assert_int_eq(fstat(store, &st), 0);
	ck_assert_uint_eq(account.objects_n, 1);
	ck_assert_uint_eq(account.objects[0].ino, st.st_ino);
	ck_assert_uint_eq(account.objects[0].bytes, 4 * MIB);
	ck_assert(account_is_sane(&account));
	close(store);
}
END_TEST

START_TEST(the_peak_stays_when_the_step_shrinks)
{
	process(500, 1, 3000, "x");
	ck_assert_int_eq(accountant_add_task(accountant, 500, 0), 0);
	ck_assert_int_eq(look(accountant), 0);
	tree_write(&tree, 500, "statm", "90000 100 0 1 0 1 0\n");
	ck_assert_int_eq(look(accountant), 0);
	ck_assert_uint_eq(account.samples, 2);
	ck_assert_uint_eq(sample_footprint(&account.peak), 3000 * pages);
	ck_assert_uint_eq(sample_footprint(&account.last), 100 * pages);
}
END_TEST

START_TEST(a_step_without_processes_is_not_looked_at)
{
	ck_assert_int_eq(look(accountant), 0);
	ck_assert_uint_eq(account.samples, 0);
	process(500, 1, 0, "");
	tree_write(&tree, 500, "statm", "0 0 0 0 0 0 0\n");
	ck_assert_int_eq(accountant_add_task(accountant, 500, 0), 0);
	ck_assert_int_eq(look(accountant), 0);
	ck_assert_uint_eq(account.samples, 0);
	ck_assert_uint_eq(accountant_processes(accountant), 1);
}
END_TEST

START_TEST(the_next_look_is_due_after_the_shortest_interval_and_at_once_for_a_task)
{
	process(500, 1, 100, "x");
	ck_assert_uint_le(accountant_due_ns(accountant), monotonic_ns());
	ck_assert_int_eq(look(accountant), 0);
	ck_assert_uint_eq(accountant_due_ns(accountant), monotonic_ns() + MIN_INTERVAL_DEFAULT_NS);
	ck_assert_int_eq(accountant_add_task(accountant, 500, 0), 0);
	ck_assert_uint_le(accountant_due_ns(accountant), monotonic_ns());
}
END_TEST

START_TEST(a_look_shows_processes_and_objects)
{
	int store = tree_memory(4 * MIB);
	const struct look *seen;
	struct stat st;

	process(500, 1, 1000, "/usr/bin/python3");
	process(501, 500, 2000, "ray::f()");
	tree_map(&tree, 501, 0, "rw-s", store, "/dev/shm/plasmaX (deleted)");
	ck_assert_int_eq(accountant_add_task(accountant, 500, 0), 0);
	ck_assert_int_eq(accountant_look(accountant, &seen), 0);
	ck_assert_int_eq(seen->source, SOURCE_PROCFS);
	ck_assert_uint_eq(seen->at_ns, seen->sample.at_ns);
	ck_assert_uint_eq(seen->processes_n, 2);
	ck_assert_int_eq(seen->processes[0].pid, 500);
	ck_assert_int_eq(seen->processes[1].pid, 501);
	ck_assert_int_eq(seen->processes[1].ppid, 500);
	ck_assert_uint_eq(seen->processes[1].rss, 2000 * pages);
	ck_assert_uint_eq(seen->processes[1].private, 2000 * pages);
	ck_assert_uint_eq(seen->processes[1].pss, 2000 * pages);
	ck_assert_uint_eq(seen->processes[1].pss_at_ns, seen->at_ns);
	ck_assert_str_eq(seen->processes[1].title, "ray::f()");
	ck_assert_uint_ne(seen->processes[0].title_hash, seen->processes[1].title_hash);
	ck_assert_uint_eq(seen->rest.unmapped, 4 * MIB);
	ck_assert_uint_eq(seen->processes[0].share + seen->processes[1].share + 4 * MIB,
		sample_footprint(&seen->sample));
	ck_assert_int_eq(fstat(store, &st), 0);
	ck_assert_uint_eq(seen->objects_n, 1);
	ck_assert_uint_eq(seen->objects[0].dev, st.st_dev);
	ck_assert_uint_eq(seen->objects[0].ino, st.st_ino);
	ck_assert_uint_eq(seen->objects[0].bytes, 4 * MIB);
	ck_assert(seen->objects[0].store && !seen->objects[0].sysv);
	ck_assert_uint_eq(seen->limit, 64 * MIB);
	ck_assert_uint_eq(seen->bound, sample_footprint(&seen->sample));
	ck_assert_uint_eq(seen->sample.charged, UNKNOWN);
	ck_assert_uint_eq(seen->stalled_some_us, UNKNOWN);
	ck_assert_uint_eq(seen->kills.count, 0);
	ck_assert_uint_eq(seen->numa_n, 0);
	ck_assert_uint_eq(seen->cost.looks, 1);
	ck_assert_uint_eq(seen->cost.scans, 2);
	ck_assert_uint_gt(seen->cost.cpu_ns, 0);
	ck_assert_uint_eq(seen->cost.duty_delay_ns, 0);
	close(store);
}
END_TEST

/* An accountant whose duty is so small that the first look uses it up for hours. */
static struct accountant *idler(void)
{
	struct accountant_options o = options(tree.path);
	struct accountant *a;

	o.duty = 1e-9;
	ck_assert_int_eq(accountant_create(&o, &a), 0);
	account_init(&account, o.limit, monotonic_ns());
	return a;
}

START_TEST(looks_that_cost_more_than_their_duty_come_later_and_that_is_told)
{
	struct accountant *a = idler();
	const struct look *seen;

	process(500, 1, 100, "x");
	ck_assert_int_eq(accountant_add_task(a, 500, 0), 0);
	ck_assert_int_eq(accountant_look(a, &seen), 0);
	ck_assert_uint_eq(seen->cost.duty_delay_ns, 0);
	ck_assert_uint_gt(accountant_due_ns(a), monotonic_ns() + 60 * NS_PER_S);
	/* Whoever asks for a look gets it: that it was wanted long ago shows in the cost. */
	unit_clock_add(MIN_INTERVAL_DEFAULT_NS + NS_PER_MS);
	ck_assert_int_eq(accountant_look(a, &seen), 0);
	ck_assert_uint_eq(seen->cost.duty_delay_ns, NS_PER_MS);
	accountant_destroy(a);
}
END_TEST

START_TEST(a_new_task_is_looked_at_whatever_the_duty)
{
	struct accountant *a = idler();

	process(500, 1, 100, "x");
	process(501, 1, 100, "y");
	ck_assert_int_eq(accountant_add_task(a, 500, 0), 0);
	ck_assert_int_eq(look(a), 0);
	ck_assert_uint_gt(accountant_due_ns(a), monotonic_ns() + 60 * NS_PER_S);
	ck_assert_int_eq(accountant_add_task(a, 501, 0), 0);
	ck_assert_uint_le(accountant_due_ns(a), monotonic_ns());
	accountant_destroy(a);
}
END_TEST

static char kernel_log[128];

/* Adds the kill of a process to the kernel log of the tree. */
static void log_kill(pid_t pid)
{
	int fd;

	snprintf(kernel_log, sizeof(kernel_log), "%s/kmsg", tree.path);
	fd = open(kernel_log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(dprintf(fd,
				 "3,149,1,-;Out of memory: Killed process %d (x) total-vm:9kB, "
				 "anon-rss:7kB, file-rss:6kB, shmem-rss:5kB, UID:0 pgtables:1kB "
				 "oom_score_adj:0\n",
				 pid),
		0);
	close(fd);
}

/* An accountant of process 500, and a kernel log that has a kill of this number from before. */
static struct accountant *accountant_with_log(bool is_foreign)
{
	struct accountant_options o = options(tree.path);
	struct accountant *a;

	log_kill(500);
	o.kmsg = kernel_log;
	o.kmsg_is_foreign = is_foreign;
	ck_assert_int_eq(accountant_create(&o, &a), 0);
	account_init(&account, o.limit, monotonic_ns());
	process(500, 1, 100, "x");
	ck_assert_int_eq(accountant_add_task(a, 500, 0), 0);
	return a;
}

START_TEST(a_killed_process_of_the_step_is_a_victim)
{
	struct accountant *a = accountant_with_log(false);

	ck_assert_int_eq(look(a), 0);
	SAME("logged before", account.kills, 0);
	log_kill(600);
	ck_assert_int_eq(look(a), 0);
	SAME("another's", account.kills, 0);
	log_kill(500);
	ck_assert_int_eq(look(a), 0);
	SAME("kills", account.kills, 1);
	SAME("scope", account.kill_scope, SCOPE_NODE);
	SAME("victims", account.victims_n, 1);
	SAME("pid", account.victims[0].pid, 500);
	SAME("private", account.victims[0].anon, 7 * KIB);
	accountant_destroy(a);
}
END_TEST

START_TEST(the_number_of_a_killed_process_may_be_of_another_namespace)
{
	struct accountant *a = accountant_with_log(true);

	log_kill(500);
	ck_assert_int_eq(look(a), 0);
	SAME("kills", account.kills, 0);
	SAME("victims", account.victims_n, 0);
	accountant_destroy(a);
}
END_TEST

START_TEST(without_a_kernel_log_there_are_no_victims_and_nothing_else_is_lost)
{
	struct accountant_options o = options(tree.path);
	struct accountant *a;

	o.kmsg = "/nonexistent";
	ck_assert_int_eq(accountant_create(&o, &a), 0);
	process(500, 1, 100, "x");
	ck_assert_int_eq(accountant_add_task(a, 500, 0), 0);
	account_init(&account, o.limit, monotonic_ns());
	ck_assert_int_eq(look(a), 0);
	SAME("processes", account.last.processes, 1);
	accountant_destroy(a);
}
END_TEST

START_TEST(hostile_names_leave_the_account_sane)
{
	static const char *const names[] = {
		"\033[2J\"\\\n",
		"ray::\377\376()",
		"a) S 1 1 (",
		"%n%s",
		"../../../",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		tree_process(&tree,
			&(struct fake){ .pid = (pid_t)(500 + i),
				.ppid = 1,
				.size = 90000,
				.rss = 100,
				.comm = names[i],
				.cmdline = i % 2 ? names[i] : NULL });
		ck_assert_int_eq(accountant_add_task(accountant, (pid_t)(500 + i), 0), 0);
	}
	ck_assert_int_eq(look(accountant), 0);
	ck_assert_uint_eq(account.top_n, COUNT(names));
	ck_assert_uint_eq(account.profiles_n, COUNT(names));
	ck_assert(account_is_sane(&account));
}
END_TEST

START_TEST(without_a_proc_there_is_no_accountant)
{
	struct accountant_options o = options("/nonexistent");
	struct accountant *other = NULL;

	ck_assert_int_eq(accountant_create(&o, &other), -ENOENT);
	tree_remove(&tree, 0, "loadavg");
	o = options(tree.path);
	ck_assert_int_eq(accountant_create(&o, &other), -ENOENT);
	ck_assert_ptr_null(other);
}
END_TEST

/* Where a walk has hung, the step's end does not walk again. */
START_TEST(what_a_step_leaves_is_unknown_where_all_reads_are_left_out)
{
	struct accountant_options o = options(tree.path);
	struct reading reading = { 0 };
	struct shunned shunned = { 0 };
	struct accountant *other;
	const struct look *seen;

	if (_i)
		shunned_add(&shunned, 0, monotonic_ns());
	o.reading = &reading;
	o.shunned = &shunned;
	ck_assert_int_eq(accountant_create(&o, &other), 0);
	ck_assert_int_eq(accountant_end(other, &seen), 0);
	ck_assert_uint_eq(seen->left.bytes, _i ? UNKNOWN : 0);
	accountant_destroy(other);
}
END_TEST

START_TEST(a_real_process_is_accounted_until_it_ends)
{
	struct accountant_options o = options("/proc");
	int fd = tree_memory(8 * MIB), ready[2];
	struct accountant *real;
	char byte = 'x';
	pid_t child;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		void *p = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (p != MAP_FAILED)
			memset(p, 1, 8 * MIB);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fd);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_eq(accountant_create(&o, &real), 0);
	account_init(&account, o.limit, monotonic_ns());
	ck_assert_int_eq(accountant_add_task(real, child, 0), 0);
	ck_assert_int_eq(look(real), 0);
	ck_assert_uint_eq(accountant_processes(real), 1);
	ck_assert_uint_gt(account.peak.private, 0);
	ck_assert_uint_gt(account.peak.kernel, 0);
	ck_assert_uint_ge(account.peak.rss, 8 * MIB);
	/* Without the right to stat through map_files it may be less, and that is told. */
	if (!account.peak.unmeasured)
		ck_assert_uint_eq(account.peak.shared, 8 * MIB);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(look(real), 0);
	ck_assert_uint_eq(accountant_processes(real), 0);
	ck_assert_uint_eq(account.samples, 1);
	accountant_destroy(real);
	close(ready[0]);
	close(ready[1]);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("accountant");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_step_is_accounted_from_its_tasks_on);
	tcase_add_test(tc, the_peak_stays_when_the_step_shrinks);
	tcase_add_test(tc, a_step_without_processes_is_not_looked_at);
	tcase_add_test(tc, the_next_look_is_due_after_the_shortest_interval_and_at_once_for_a_task);
	tcase_add_test(tc, a_look_shows_processes_and_objects);
	tcase_add_test(tc, looks_that_cost_more_than_their_duty_come_later_and_that_is_told);
	tcase_add_test(tc, a_new_task_is_looked_at_whatever_the_duty);
	tcase_add_test(tc, a_killed_process_of_the_step_is_a_victim);
	tcase_add_test(tc, the_number_of_a_killed_process_may_be_of_another_namespace);
	tcase_add_test(tc, without_a_kernel_log_there_are_no_victims_and_nothing_else_is_lost);
	tcase_add_test(tc, hostile_names_leave_the_account_sane);
	tcase_add_test(tc, without_a_proc_there_is_no_accountant);
	tcase_add_loop_test(tc, what_a_step_leaves_is_unknown_where_all_reads_are_left_out, 0, 2);
	tcase_add_test(tc, a_real_process_is_accounted_until_it_ends);
	return unit_run();
}

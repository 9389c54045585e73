/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/cgroup/kmsg.h"
#include "measure/cgroup/victims.h"
#include "measure/sample.h"
#include "tests/unit/unit.h"

#define USER "/system.slice/n1_slurmstepd.scope/job_7/step_0/user"

#define FIGURES " total-vm:9kB, anon-rss:2kB, file-rss:3kB, shmem-rss:4kB"
#define GROUP_KILLED " are going to be killed due to memory.oom.group set"

static const struct {
	const char *what, *text;
	int rc;
	enum kmsg_kind kind;
	pid_t pid;
	const char *name, *oom, *task;
	uint64_t anon, file, shmem; /* KiB */
} records[] = {
	/* 5.15, 6.1, 6.12 and 7.0 write the same; only what stands between differs. */
	{ "the cause",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/"
		",mems_allowed=0-1,"
		"oom_memcg=/a/job_1/step_0/user,task_memcg=/a/job_1/step_0/user/"
		"task_0,task=python3,"
		"pid=4242,uid=1000\n",
		0, KMSG_CAUSE, 4242, "python3", "/a/job_1/step_0/user",
		"/a/job_1/step_0/user/task_0", 0, 0, 0 },
	{ "the node's",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/"
		",mems_allowed=0,"
		"global_oom,task_memcg=/x,task=a b,pid=5,uid=0\n",
		0, KMSG_CAUSE, 5, "a b", "", "/x", 0, 0, 0 },
	{ "a name that looks like what follows it",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/"
		"x,task=,pid=1,uid=0,pid=77,uid=5",
		0, KMSG_CAUSE, 77, ",pid=1,uid=0", "", "/x", 0, 0, 0 },
	{ "a name with what cannot be printed",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/"
		"x,task=a\\x0ab\\x5cn\\x1b[1m,pid=8,uid=5",
		0, KMSG_CAUSE, 8, "a?b\\n?[1m", "", "/x", 0, 0, 0 },
	{ "killed",
		"3,9,2,-;Memory cgroup out of memory: Killed process 4242 (python3) total-vm:90kB, "
		"anon-rss:5000kB, file-rss:6kB, shmem-rss:7kB, UID:1000 pgtables:172kB "
		"oom_score_adj:0\n"
		" SUBSYSTEM=x\n",
		0, KMSG_KILLED, 4242, "python3", "", "", 5000, 6, 7 },
	{ "killed for the node",
		"3,9,2,c;Out of memory: Killed process 5 (a) total-vm:90kB, anon-rss:1kB, "
		"file-rss:2kB, shmem-rss:3kB, UID:0 pgtables:4kB oom_score_adj:-1000",
		0, KMSG_KILLED, 5, "a", "", "", 1, 2, 3 },
	{ "killed itself",
		"3,9,2,-;Out of memory (oom_kill_allocating_task): Killed process 5 (a) "
		"total-vm:9kB, anon-rss:1kB, file-rss:2kB, shmem-rss:3kB",
		0, KMSG_KILLED, 5, "a", "", "", 1, 2, 3 },
	{ "before 5.4",
		"3,9,2,-;Memory cgroup out of memory: Killed process 5 (a) total-vm:9kB, "
		"anon-rss:2kB, "
		"file-rss:3kB, shmem-rss:4kB",
		0, KMSG_KILLED, 5, "a", "", "", 2, 3, 4 },
	{ "a name that looks like the figures",
		"3,9,2,-;Memory cgroup out of memory: Killed process 5 (x) total-vm:9k) "
		"total-vm:8kB, anon-rss:2kB, file-rss:3kB, shmem-rss:4kB",
		0, KMSG_KILLED, 5, "x) total-vm:9k", "", "", 2, 3, 4 },
	{ "a whole group",
		"6,9,2,-;Tasks in /a are going to be killed due to memory.oom.group set\n", 0,
		KMSG_GROUP, 0, "", "/a", "", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "written by a process, not by the kernel",
		"11,9,2,-;Memory cgroup out of memory: Killed process 5 (x) total-vm:9kB, "
		"anon-rss:2kB",
		0, KMSG_OTHER, 0, "", "", "", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "a process that is called so",
		"4,9,2,-;oom-kill:constr invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0",
		0, KMSG_OTHER, 0, "", "", "", UNKNOWN, UNKNOWN, UNKNOWN },
	/* What a kernel 6.18 logged when such a program in such a file crashed. */
	{ "a crash",
		"6,358,5805006687,-;Out of memory:[4626]: segfault at 0 ip 0000564c78578150 sp "
		"00007ffec75047b0 error 6 in Killed process 4242 (victim) total-vm:1kB, "
		"anon-rss:987654321kB, file-rss:1kB, shmem-rss:1kB[1150,564c78578000+1000] likely "
		"on CPU 0 (core 0, socket 0)",
		0, KMSG_OTHER, 0, "", "", "", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "a crash of a group",
		"6,9,2,-;Tasks in /a[4626]: segfault at 0 in b" GROUP_KILLED "[1,2+3]", 0,
		KMSG_OTHER, 0, "", "", "", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "another level", "6,9,2,-;Out of memory: Killed process 5 (a)" FIGURES, 0, KMSG_OTHER, 0,
		"", "", "", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "another level of a cause",
		"4,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/x,task=a,pid=5,uid=0", 0,
		KMSG_OTHER, 0, "", "", "", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "another level of a group", "3,9,2,-;Tasks in /a" GROUP_KILLED, 0, KMSG_OTHER, 0, "", "",
		"", UNKNOWN, UNKNOWN, UNKNOWN },
	{ "more behind it", "3,9,2,-;Out of memory: Killed process 5 (a)" FIGURES "[1,2+3]",
		-EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "figures left out", "3,9,2,-;Out of memory: Killed process 5 (a) total-vm:9kB", -EINVAL,
		0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "too long a name", "3,9,2,-;Out of memory: Killed process 5 (a name of 16 by.)" FIGURES,
		-EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	/* A group of the user's own, below his session. */
	{ "a path that looks like what follows it",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/"
		",mems_allowed=0,oom_memcg=/u/a,task_memcg=/victim,task=x,pid=5,uid=0,task_memcg=/"
		"u/"
		"a,task_memcg=/victim,task=x,pid=5,uid=0,task=y,pid=6,uid=7",
		-EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "a cpuset that is called so",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=,oom_memcg=x"
		",mems_allowed=0,global_oom,task_memcg=/x,task=a,pid=5,uid=0",
		0, KMSG_CAUSE, 5, "a", "", "/x", 0, 0, 0 },
	{ "more behind a cause",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/x,task=a,pid=5,uid=0[1]",
		-EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "another message", "6,9,2,-;usb 1-1: new device", 0, KMSG_OTHER, 0, "", "", "", UNKNOWN,
		UNKNOWN, UNKNOWN },
	{ "an empty message", "6,9,2,-;\n", 0, KMSG_OTHER, 0, "", "", "", UNKNOWN, UNKNOWN,
		UNKNOWN },
	{ "no pid", "6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/x,task=a", -EINVAL, 0,
		0, NULL, NULL, NULL, 0, 0, 0 },
	{ "pid 0", "6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/x,task=a,pid=0,uid=0",
		-EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "a pid with letters",
		"6,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/x,task=a,pid=5x,uid=0",
		-EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "cut in the name", "3,9,2,-;Out of memory: Killed process 5 (py", -EINVAL, 0, 0, NULL,
		NULL, NULL, 0, 0, 0 },
	{ "no record", "Out of memory: Killed process 5 (a) total-vm:9kB", -EINVAL, 0, 0, NULL,
		NULL, NULL, 0, 0, 0 },
	{ "no message", "6,9,2,-", -EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
	{ "nothing", "", -EINVAL, 0, 0, NULL, NULL, NULL, 0, 0, 0 },
};

static uint64_t bytes(uint64_t kib)
{
	return kib == UNKNOWN ? UNKNOWN : kib * KIB;
}

START_TEST(a_record_says_who_was_killed)
{
	static struct kmsg_oom oom;

	for (size_t i = 0; i < COUNT(records); i++) {
		struct text t = text_of(records[i].text, strlen(records[i].text));
		const char *row = records[i].what;
		int rc = kmsg_oom_parse(t.data, t.len, &oom);

		ck_assert_msg(rc == records[i].rc, "%s: %d", row, rc);
		text_free(&t);
		if (rc)
			continue;
		SAME(row, oom.kind, records[i].kind);
		SAME(row, oom.pid, records[i].pid);
		ck_assert_msg(!strcmp(oom.name, records[i].name), "%s: \"%s\"", row, oom.name);
		ck_assert_msg(!strcmp(oom.oom_memcg, records[i].oom), "%s: %s", row, oom.oom_memcg);
		ck_assert_msg(
			!strcmp(oom.task_memcg, records[i].task), "%s: %s", row, oom.task_memcg);
		if (oom.kind != KMSG_KILLED)
			continue;
		SAME(row, oom.anon, bytes(records[i].anon));
		SAME(row, oom.file, bytes(records[i].file));
		SAME(row, oom.shmem, bytes(records[i].shmem));
	}
}
END_TEST

START_TEST(nothing_is_read_behind_the_end)
{
	static struct kmsg_oom oom;

	for (size_t i = 0; i < COUNT(records); i++) {
		for (size_t n = 0; n <= strlen(records[i].text); n++) {
			struct text t = text_of(records[i].text, n);

			kmsg_oom_parse(t.data, t.len, &oom);
			for (int k = 0; n && k < 3; k++)
				t.data[unit_random() % n] = (char)unit_random();
			kmsg_oom_parse(t.data, t.len, &oom);
			ck_assert(memchr(oom.name, '\0', sizeof(oom.name)) != NULL);
			text_free(&t);
		}
	}
}
END_TEST

static struct victims_step step;

/* What a kernel 6.1 wrote; /dev/kmsg gives a record per read, as this socket does. */
static void log_replay(struct victims *v, struct look_kills *k, const char *group, const char *top,
	bool (*is_member)(const void *, pid_t))
{
	struct text t = text_of_fixture("linux-6.1/kmsg");
	int packets[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, packets), 0);
	for (const char *p = t.data; p < t.data + t.len;) {
		const char *e = memchr(p, '\n', (size_t)(t.data + t.len - p));

		ck_assert_int_eq(write(packets[1], p, (size_t)(e + 1 - p)), e + 1 - p);
		p = e + 1;
	}
	*v = (struct victims){ .kmsg = packets[0] };
	ck_assert_int_eq(victims_name(v, group, top), 0);
	*k = (struct look_kills){ 0 };
	step.is_member = is_member;
	victims_take(v, &step, k);
	victims_close(v);
	close(packets[1]);
	text_free(&t);
}

static bool nobody(const void *context, pid_t pid)
{
	(void)context;
	(void)pid;
	return false;
}

static bool the_last(const void *context, pid_t pid)
{
	(void)context;
	return pid == 712;
}

static struct victims v;
static struct look_kills k;

START_TEST(victims_of_the_step_are_told)
{
	log_replay(&v, &k, USER, "/system.slice/n1_slurmstepd.scope/job_7", nobody);
	SAME("all", k.victims_n, 4);
	SAME("first", k.victims[0].pid, 696);
	ck_assert_str_eq(k.victims[0].name, "ray::f)(,pid=1");
	SAME("first", k.victims[0].anon, 65316 * KIB);
	ck_assert_str_eq(k.victims[1].name, "x) total-vm:9kB");
	SAME("the group's chosen one", k.victims[2].pid, 698);
	SAME("the group's other", k.victims[3].pid, 699);
	SAME("no v2 group counts", k.count, 4);
	SAME("scope", k.scope, SCOPE_STEP);
}
END_TEST

/* The kernel logs the kills of a group at once: the process that it kills later is another one's. */
START_TEST(what_is_killed_after_a_group_is_not_of_the_group)
{
	static const char *const log[] = { "6,1,2,-;Tasks in " USER GROUP_KILLED "\n",
		"3,2,2,-;Memory cgroup out of memory: Killed process 5 (a)" FIGURES "\n",
		"3,3,9,-;Memory cgroup out of memory: Killed process 6 (b)" FIGURES "\n" };
	int packets[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, packets), 0);
	v = (struct victims){ .kmsg = packets[0] };
	k = (struct look_kills){ 0 };
	step.is_member = nobody;
	ck_assert_int_eq(victims_name(&v, USER, "/"), 0);
	for (size_t i = 0; i < COUNT(log); i++) {
		ck_assert_int_gt(write(packets[1], log[i], strlen(log[i])), 0);
		if (i)
			victims_take(&v, &step, &k);
	}
	SAME("the group's alone", k.victims_n, 1);
	SAME("the group's alone", k.victims[0].pid, 5);
	victims_close(&v);
	close(packets[1]);
}
END_TEST

START_TEST(victims_of_others_are_not)
{
	log_replay(&v, &k, "/system.slice/n1_slurmstepd.scope/job_7/step_1/user",
		"/system.slice/n1_slurmstepd.scope/job_7", nobody);
	SAME("another step", k.victims_n, 0);
	log_replay(&v, &k, "/system.slice/n1_slurmstepd.scope/job_7/step_0/us",
		"/system.slice/n1_slurmstepd.scope/job_7", nobody);
	SAME("part of a name", k.victims_n, 0);
	log_replay(&v, &k, "", "", nobody);
	SAME("no group", k.victims_n, 0);
}
END_TEST

START_TEST(the_scope_is_the_groups_that_ran_out)
{
	/* As if the step stood below the group whose limit it was. */
	log_replay(&v, &k, USER "/task_0", USER, nobody);
	SAME("job", k.scope, SCOPE_JOB);
	log_replay(&v, &k, USER "/task_0", USER "/x", nobody);
	SAME("neither", k.scope, SCOPE_NODE);
	log_replay(&v, &k, "", "", the_last);
	SAME("node", k.victims_n, 1);
	SAME("node", k.scope, SCOPE_NODE);
	ck_assert_str_eq(k.victims[0].name, "glob(al)");
}
END_TEST

START_TEST(a_job_limit_that_the_step_filled_is_the_steps)
{
	step.at_limit = true;
	log_replay(&v, &k, USER "/task_0", USER, nobody);
	step.at_limit = false;
	SAME("scope", k.scope, SCOPE_STEP);
}
END_TEST

START_TEST(kills_that_are_counted_elsewhere_are_only_named)
{
	step.counted = true;
	log_replay(&v, &k, USER, "/system.slice/n1_slurmstepd.scope/job_7", nobody);
	step.counted = false;
	SAME("named", k.victims_n, 4);
	SAME("not counted", k.count, 0);
	SAME("scope", k.scope, SCOPE_NONE);
}
END_TEST

START_TEST(a_group_name_that_is_too_long_is_not_known)
{
	static char path[PATH_MAX + 1];

	memset(path, 'x', PATH_MAX);
	ck_assert_int_eq(victims_name(&v, path, "/"), -ENAMETOOLONG);
	ck_assert_int_eq(victims_name(&v, "/", path), -ENAMETOOLONG);
	ck_assert_str_eq(v.group, "");
	ck_assert_str_eq(v.top, "");
}
END_TEST

static bool anybody(const void *context, pid_t pid)
{
	(void)context;
	(void)pid;
	return true;
}

START_TEST(a_container_shows_the_end_of_the_path)
{
	log_replay(&v, &k, "/job_7/step_0/user", "/job_7", anybody);
	SAME("all", k.victims_n, 5);
	SAME("scope of the last", k.scope, SCOPE_STEP);
}
END_TEST

/* Any user may make such directories in a group of his own. */
START_TEST(a_path_that_ends_as_the_group_needs_a_member)
{
	log_replay(&v, &k, "/job_7/step_0/user", "/job_7", nobody);
	SAME("none", k.victims_n, 0);
	SAME("not counted", k.count, 0);
}
END_TEST

START_TEST(in_a_pid_namespace_only_the_group_tells_whose_a_victim_is)
{
	log_replay(&v, &k, USER, "/system.slice/n1_slurmstepd.scope/job_7", NULL);
	SAME("the step's", k.victims_n, 4);
	log_replay(&v, &k, "/job_7/step_0/user", "/job_7", NULL);
	SAME("the end of a path", k.victims_n, 0);
	log_replay(&v, &k, "", "", NULL);
	SAME("no group", k.victims_n, 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("kmsg");

	tcase_add_test(tc, a_record_says_who_was_killed);
	tcase_add_test(tc, nothing_is_read_behind_the_end);
	tcase_add_test(tc, victims_of_the_step_are_told);
	tcase_add_test(tc, what_is_killed_after_a_group_is_not_of_the_group);
	tcase_add_test(tc, victims_of_others_are_not);
	tcase_add_test(tc, the_scope_is_the_groups_that_ran_out);
	tcase_add_test(tc, a_job_limit_that_the_step_filled_is_the_steps);
	tcase_add_test(tc, kills_that_are_counted_elsewhere_are_only_named);
	tcase_add_test(tc, a_group_name_that_is_too_long_is_not_known);
	tcase_add_test(tc, a_container_shows_the_end_of_the_path);
	tcase_add_test(tc, a_path_that_ends_as_the_group_needs_a_member);
	tcase_add_test(tc, in_a_pid_namespace_only_the_group_tells_whose_a_victim_is);
	return unit_run();
}

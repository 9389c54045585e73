/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "measure/cgroup/cgroup_parse.h"
#include "measure/sample.h"
#include "tests/unit/unit.h"

START_TEST(a_real_memory_stat_is_read)
{
	struct text t = text_of_fixture("linux-6.1/memory.stat");
	struct memory_stat s;

	ck_assert_int_eq(cgroup_stat_parse(t.data, t.len, &s), 0);
	SAME("6.1", s.anon, 364544);
	SAME("6.1", s.file, 8478720);
	SAME("6.1", s.shmem, 8388608);
	SAME("6.1", s.kernel, 258048);
	SAME("6.1", s.kernel_stack, 49152);
	SAME("6.1", s.pagetables, 94208);
	SAME("6.1", s.percpu, 3096);
	SAME("6.1", s.sock, 0);
	SAME("6.1", s.slab_reclaimable, 21320);
	SAME("6.1", s.slab_unreclaimable, 63336);
	SAME("6.1", s.swapcached, 0);
	SAME("6.1", cgroup_stat_kernel(&s), 258048 - 21320);
	text_free(&t);
}
END_TEST

static const struct {
	const char *what, *text;
	int rc;
	uint64_t anon, shmem, kernel;
} stats[] = {
	{ "before 5.18 there is no kernel line",
		"anon 4096\nfile 0\nkernel_stack 10\npercpu 20\nsock 30\nshmem 5\npagetables 40\n"
		"slab_reclaimable 1000\nslab_unreclaimable 50\nslab 1050\n",
		0, 4096, 5, 150 },
	{ "before 5.11 there are no page tables", "anon 1\nkernel_stack 10\nsock 1\nshmem 5\n", 0,
		1, 5, 11 },
	{ "kernel without slab", "anon 1\nkernel 100\nshmem 5\n", 0, 1, 5, 100 },
	{ "sums of different moments", "anon 1\nkernel 100\nshmem 5\nslab_reclaimable 120\n", 0, 1,
		5, 0 },
	{ "another order, keys of later kernels",
		"slab_reclaimable 1\nkernel 2\nhugetlb 9\nshmem 4\nanon_thp 8\nanon 3\nnew key 7\n",
		0, 3, 4, 1 },
	{ "words of v1", "cache 0\nrss 8192\nrss_huge 0\nshmem 5\ntotal_rss 9\n", 0, UNKNOWN, 5,
		UNKNOWN },
	{ "the last line was cut", "shmem 5\nanon 40", 0, UNKNOWN, 5, UNKNOWN },
	{ "the greatest number", "anon 18446744073709551615\nshmem 5\n", 0, UINT64_MAX, 5,
		UNKNOWN },
	{ "a number beyond 64 bits", "anon 18446744073709551616\n", -EINVAL, 0, 0, 0 },
	{ "a key without a number", "anon \nshmem 5\n", -EINVAL, 0, 0, 0 },
	{ "a key alone", "anon\n", -EINVAL, 0, 0, 0 },
	{ "a negative number", "anon -1\n", -EINVAL, 0, 0, 0 },
	{ "more behind the number", "anon 5 kB\n", -EINVAL, 0, 0, 0 },
	{ "keys of others", "anonymous 5\nxanon 5\nfile_mapped 5\n", -EINVAL, 0, 0, 0 },
	{ "something else", "Rss: 5 kB\n", -EINVAL, 0, 0, 0 },
	{ "nothing", "", -EINVAL, 0, 0, 0 },
};

START_TEST(memory_stat_of_other_kernels)
{
	for (size_t i = 0; i < COUNT(stats); i++) {
		struct text t = text_of(stats[i].text, strlen(stats[i].text));
		const char *row = stats[i].what;
		struct memory_stat s;

		ck_assert_msg(cgroup_stat_parse(t.data, t.len, &s) == stats[i].rc, "%s", row);
		text_free(&t);
		if (stats[i].rc)
			continue;
		SAME(row, s.anon, stats[i].anon);
		SAME(row, s.shmem, stats[i].shmem);
		SAME(row, cgroup_stat_kernel(&s), stats[i].kernel);
	}
}
END_TEST

static const struct {
	const char *what, *text;
	uint64_t twice;
} swapped[] = {
	{ "all mapped", "anon 90\nshmem 10\nswapcached 20\ninactive_anon 60\nactive_anon 40\n",
		20 },
	{ "some on its way out",
		"anon 90\nshmem 10\nswapcached 20\ninactive_anon 75\nactive_anon 40\n", 5 },
	{ "all on its way out",
		"anon 90\nshmem 10\nswapcached 20\ninactive_anon 90\nactive_anon 40\n", 0 },
	{ "locked memory is on another list",
		"anon 90\nshmem 10\nswapcached 20\ninactive_anon 40\nactive_anon 20\nunevictable "
		"50\n",
		10 },
	{ "before 5.13", "anon 90\nshmem 10\ninactive_anon 90\nactive_anon 40\n", 0 },
	{ "anon not known", "shmem 10\nswapcached 20\n", 0 },
};

START_TEST(swapped_memory_that_is_charged_twice)
{
	for (size_t i = 0; i < COUNT(swapped); i++) {
		struct memory_stat s;

		ck_assert_int_eq(
			cgroup_stat_parse(swapped[i].text, strlen(swapped[i].text), &s), 0);
		SAME(swapped[i].what, cgroup_stat_twice(&s), swapped[i].twice);
	}
}
END_TEST

START_TEST(events_are_counted)
{
	static const char oldest[] = "low 0\nhigh 0\nmax 3\noom 2\n"; /* oom_kill: Linux 4.13 */
	struct text t = text_of_fixture("linux-6.1/memory.events");
	struct memory_events e;

	ck_assert_int_eq(cgroup_events_parse(t.data, t.len, &e), 0);
	SAME("6.1", e.oom, 3);
	SAME("6.1", e.oom_kill, 5);
	text_free(&t);
	ck_assert_int_eq(cgroup_events_parse(oldest, strlen(oldest), &e), 0);
	SAME("oldest", e.oom, 2);
	SAME("oldest", e.oom_kill, UNKNOWN);
	ck_assert_int_eq(cgroup_events_parse("oom x\n", 6, &e), -EINVAL);
	ck_assert_int_eq(cgroup_events_parse("", 0, &e), -EINVAL);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	uint64_t value;
} numbers[] = {
	{ "0\n", 0, 0 },
	{ "67108864\n", 0, 67108864 },
	{ "max\n", 0, UNKNOWN },
	{ "max", -EINVAL, 0 },
	{ "12", -EINVAL, 0 },
	{ "maximum\n", -EINVAL, 0 },
	{ "\n", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
	{ "1 2\n", -EINVAL, 0 },
	{ "1\n2\n", -EINVAL, 0 },
	{ "-1\n", -EINVAL, 0 },
	{ "18446744073709551616\n", -EINVAL, 0 },
};

START_TEST(a_file_of_one_number)
{
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t value = 7;

		ck_assert_msg(cgroup_number_parse(numbers[i].text, strlen(numbers[i].text),
				      &value) == numbers[i].rc,
			"\"%s\"", numbers[i].text);
		SAME(numbers[i].text, value, numbers[i].rc ? 7 : numbers[i].value);
	}
}
END_TEST

START_TEST(pressure_is_the_time_lost)
{
	static const char text[] = "some avg10=1.50 avg60=0.00 avg300=0.00 total=4711\n"
				   "full avg10=0.00 avg60=0.00 avg300=0.00 total=42\n";
	static const char cut[] = "some avg10=1.50 avg60=0.00 avg300=0.00\n";
	struct pressure p;

	ck_assert_int_eq(pressure_parse(text, strlen(text), &p), 0);
	SAME("both", p.some_us, 4711);
	SAME("both", p.full_us, 42);
	ck_assert_int_eq(pressure_parse(text, 60, &p), 0);
	SAME("cut", p.full_us, UNKNOWN);
	ck_assert_int_eq(pressure_parse(cut, strlen(cut), &p), -EINVAL);
	ck_assert_int_eq(pressure_parse("", 0, &p), -EINVAL);
}
END_TEST

static const struct {
	const char *what, *text;
	int nodes; /* or -errno */
	uint32_t last;
	uint64_t anon, file, shmem; /* of the last */
} numas[] = {
	{ "one node", "anon N0=1\nfile N0=2\nkernel_stack N0=9\nshmem N0=3\nanon_thp N0=4\n", 1, 0,
		1, 2, 3 },
	{ "two", "anon N0=1 N1=10\nfile N0=2 N1=20\nshmem N0=3 N1=30\n", 2, 1, 10, 20, 30 },
	{ "node 1 has no memory", "anon N0=1 N2=10\nfile N0=2 N2=20\nshmem N0=3 N2=30\n", 2, 2, 10,
		20, 30 },
	{ "more than there is room for", "anon N0=1 N1=2 N2=3 N3=4\n", 3, 2, 3, UNKNOWN, UNKNOWN },
	{ "cut", "anon N0=1 N1=10\nfile N0=2 N1=", 2, 1, 10, UNKNOWN, UNKNOWN },
	{ "no number", "anon N0=\n", -EINVAL, 0, 0, 0, 0 },
	{ "no node", "anon 12\n", -EINVAL, 0, 0, 0, 0 },
	{ "none of ours", "workingset N0=1\n", -EINVAL, 0, 0, 0, 0 },
	{ "empty", "", -EINVAL, 0, 0, 0, 0 },
};

START_TEST(memory_by_numa_node)
{
	for (size_t i = 0; i < COUNT(numas); i++) {
		const char *what = numas[i].what;
		struct look_numa nodes[3], *last;
		int n = cgroup_numa_parse(
			numas[i].text, strlen(numas[i].text), nodes, COUNT(nodes));

		ck_assert_msg(n == numas[i].nodes, "%s: %d", what, n);
		if (n < 0)
			continue;
		last = &nodes[n - 1];
		SAME(what, last->node, numas[i].last);
		SAME(what, last->anon, numas[i].anon);
		SAME(what, last->file, numas[i].file);
		SAME(what, last->shmem, numas[i].shmem);
	}
}
END_TEST

#define V1                                                                                         \
	"12:pids:/slurm/uid_0\n5:cpu,cpuacct:/slurm/a:b\n4:memory:/slurm/uid_0/job_3/step_0\n"     \
	"2:freezer:/\n1:name=systemd:/memory\n"

static const struct {
	const char *what, *text, *controller;
	int rc;
	const char *path;
} groups[] = {
	{ "v2", "0::/system.slice/x\n", NULL, 0, "/system.slice/x" },
	{ "v2, the root", "0::/\n", NULL, 0, "/" },
	{ "v2, asked for a controller", "0::/x\n", "memory", -ENOENT, NULL },
	{ "hybrid", V1 "0::/y\n", NULL, 0, "/y" },
	{ "v1 has no v2", V1, NULL, -ENOENT, NULL },
	{ "v1", V1, "memory", 0, "/slurm/uid_0/job_3/step_0" },
	{ "two controllers in one hierarchy", V1, "cpuacct", 0, "/slurm/a:b" },
	{ "a hierarchy's name is no controller", V1, "systemd", -ENOENT, NULL },
	{ "part of a controller's name", V1, "mem", -ENOENT, NULL },
	{ "removed", "0::/a/b (deleted)\n", NULL, 0, "/a/b (deleted)" },
	{ "cut before the path ends", "4:memory:/a\n0::/b", NULL, -ENOENT, NULL },
	{ "no path", "0::\n", NULL, -EINVAL, NULL },
	{ "no colon", "0/x\n", NULL, -EINVAL, NULL },
	{ "no number", "x::/\n", NULL, -EINVAL, NULL },
	{ "something else", "Name: sh\n", NULL, -EINVAL, NULL },
	{ "nothing", "", NULL, -EINVAL, NULL },
};

START_TEST(the_group_of_a_process)
{
	char path[64];

	for (size_t i = 0; i < COUNT(groups); i++) {
		struct text t = text_of(groups[i].text, strlen(groups[i].text));
		int rc = proc_cgroup_parse(t.data, t.len, groups[i].controller, path, sizeof(path));

		ck_assert_msg(rc == groups[i].rc, "%s: %d", groups[i].what, rc);
		ck_assert_msg(rc || !strcmp(path, groups[i].path), "%s: %s", groups[i].what, path);
		text_free(&t);
	}
	ck_assert_int_eq(proc_cgroup_parse("0::/abc\n", 8, NULL, path, 5), 0);
	ck_assert_int_eq(proc_cgroup_parse("0::/abc\n", 8, NULL, path, 4), -ENAMETOOLONG);
}
END_TEST

START_TEST(pids_one_a_line)
{
	static const char text[] = "1\n0\nx\n-5\n99999999999\n4194304\n12";
	const char *pos = text, *end = text + strlen(text);
	pid_t pid;

	ck_assert_int_eq(cgroup_procs_next(&pos, end, &pid), 1);
	ck_assert_int_eq(pid, 1);
	ck_assert_int_eq(cgroup_procs_next(&pos, end, &pid), 1);
	ck_assert_int_eq(pid, 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(cgroup_procs_next(&pos, end, &pid), -EINVAL);
	ck_assert_int_eq(cgroup_procs_next(&pos, end, &pid), 1);
	ck_assert_int_eq(pid, 4194304);
	ck_assert_int_eq(cgroup_procs_next(&pos, end, &pid), 0);
	ck_assert_str_eq(pos, "12");
}
END_TEST

static const struct {
	const char *line;
	int rc;
	const char *root, *point, *type;
} mounts[] = {
	{ "24 19 0:22 / /sys/fs/cgroup rw,relatime - cgroup2 none rw\n", 0, "/", "/sys/fs/cgroup",
		"cgroup2" },
	{ "24 19 0:22 / /a\\040b\\134 rw shared:5 master:1 - tmpfs x rw", 0, "/", "/a b\\",
		"tmpfs" },
	{ "24 19 0:22 /docker/x /sys/fs/cgroup ro - cgroup cgroup rw,memory", 0, "/docker/x",
		"/sys/fs/cgroup", "cgroup" },
	{ "24 19 0:22 / /a\\99 rw - tmpfs x rw", 0, "/", "/a\\99", "tmpfs" },
	{ "24 19 0:22 / /x rw", -EINVAL, NULL, NULL, NULL },
	{ "24 19 0:22 / /x rw - ", -EINVAL, NULL, NULL, NULL },
	{ "24 19 0:22", -EINVAL, NULL, NULL, NULL },
	{ "", -EINVAL, NULL, NULL, NULL },
	{ "\n", -EINVAL, NULL, NULL, NULL },
	{ "24 19 0:22 / /x rw - a-type-that-is-far-longer-than-any-is x", -ENAMETOOLONG, NULL, NULL,
		NULL },
};

START_TEST(a_mount)
{
	static struct mountinfo m;

	for (size_t i = 0; i < COUNT(mounts); i++) {
		struct text t = text_of(mounts[i].line, strlen(mounts[i].line));
		int rc = mountinfo_parse(t.data, t.len, &m);

		ck_assert_msg(rc == mounts[i].rc, "%s: %d", mounts[i].line, rc);
		text_free(&t);
		if (rc)
			continue;
		ck_assert_str_eq(m.root, mounts[i].root);
		ck_assert_str_eq(m.point, mounts[i].point);
		ck_assert_str_eq(m.type, mounts[i].type);
	}
}
END_TEST

static void all_parse(const char *data, size_t len)
{
	static struct mountinfo m;
	const char *pos = data;
	struct look_numa nodes[3];
	struct memory_events e;
	struct memory_stat s;
	struct pressure p;
	char path[64];
	uint64_t n;
	pid_t pid;

	cgroup_stat_parse(data, len, &s);
	cgroup_events_parse(data, len, &e);
	cgroup_number_parse(data, len, &n);
	cgroup_numa_parse(data, len, nodes, COUNT(nodes));
	pressure_parse(data, len, &p);
	proc_cgroup_parse(data, len, NULL, path, sizeof(path));
	proc_cgroup_parse(data, len, "memory", path, sizeof(path));
	mountinfo_parse(data, len, &m);
	while (cgroup_procs_next(&pos, data + len, &pid))
		ck_assert(pos <= data + len);
}

/* Sanitizers and valgrind see who reads on. */
START_TEST(nothing_is_read_behind_the_end)
{
	static const char *const names[] = { "memory.stat", "memory.events", "cgroup", "mountinfo",
		"cgroup.procs" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct text whole;
		char name[64];

		snprintf(name, sizeof(name), "linux-6.1/%s", names[i]);
		whole = text_of_fixture(name);
		for (size_t n = 0; n <= whole.len; n++) {
			struct text t = text_of(whole.data, n);

			all_parse(t.data, t.len);
			for (int k = 0; n && k < 4; k++)
				t.data[unit_random() % n] = (char)unit_random();
			all_parse(t.data, t.len);
			text_free(&t);
		}
		text_free(&whole);
	}
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("cgroup_files");

	tcase_add_test(tc, a_real_memory_stat_is_read);
	tcase_add_test(tc, memory_stat_of_other_kernels);
	tcase_add_test(tc, swapped_memory_that_is_charged_twice);
	tcase_add_test(tc, events_are_counted);
	tcase_add_test(tc, a_file_of_one_number);
	tcase_add_test(tc, pressure_is_the_time_lost);
	tcase_add_test(tc, memory_by_numa_node);
	tcase_add_test(tc, the_group_of_a_process);
	tcase_add_test(tc, pids_one_a_line);
	tcase_add_test(tc, a_mount);
	tcase_add_test(tc, nothing_is_read_behind_the_end);
	return unit_run();
}

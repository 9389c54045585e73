/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/procfs/procfs.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

static struct tree tree;
static struct process_table *table;
static struct procfs *procfs;
static struct sample sample;
static uint64_t pages;

static void open_procfs(void)
{
	table = process_table_create(256);
	procfs = procfs_create(tree.fd, table);
	pages = page_size();
}

static void close_procfs(void)
{
	procfs_destroy(procfs);
	process_table_destroy(table);
}

static void begin(void)
{
	tree_create(&tree);
	open_procfs();
}

static void end(void)
{
	close_procfs();
	tree_destroy(&tree);
}

static struct process *process(const struct fake *f)
{
	struct process *p = process_add(table, f->pid);

	tree_process(&tree, f);
	p->row->ppid = f->ppid;
	p->row->start = f->start;
	return p;
}

static void look(uint64_t at_ms)
{
	procfs_read(procfs);
	procfs_refresh(procfs, at_ms * NS_PER_MS);
	procfs_sample(procfs, at_ms * NS_PER_MS, &sample);
}

START_TEST(a_look_adds_up_what_each_has_and_shared_memory_once)
{
	int store = tree_memory(4 * MIB);

	for (pid_t pid = 10; pid < 14; pid++) {
		process(&(struct fake){ .pid = pid,
			.size = 9000,
			.rss = 1100,
			.shared = 1000,
			.pte_kib = 40,
			.swap_kib = 8 });
		tree_map(&tree, pid, 0, "rw-s", store, "/dev/shm/plasmaX (deleted)");
	}
	look(10000);
	ck_assert_uint_eq(sample.at_ns, 10 * NS_PER_S);
	ck_assert_uint_eq(sample.processes, 4);
	ck_assert_uint_eq(sample.private, 4 * 100 * pages);
	ck_assert_uint_eq(sample.shared, 4 * MIB);
	ck_assert_uint_eq(sample.store, 4 * MIB);
	ck_assert_uint_eq(sample.kernel, 4 * 40 * KIB);
	ck_assert_uint_eq(sample.swap, 4 * 8 * KIB);
	ck_assert_uint_eq(sample.rss, 4 * 1100 * pages);
	ck_assert_uint_eq(sample.fallback, 0);
	ck_assert_uint_eq(sample.unreadable, 0);
	ck_assert_uint_eq(sample.unmeasured, 0);
	close(store);
}
END_TEST

START_TEST(each_look_reads_the_figures_anew)
{
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	look(10000);
	tree_write(&tree, 10, "statm", "9000 700 200 1 0 1 0\n");
	look(10050);
	ck_assert_uint_eq(sample.rss, 700 * pages);
	ck_assert_uint_eq(sample.private, 500 * pages);
	ck_assert_uint_eq(process_find(table, 10)->row->shmem, 200 * pages);
}
END_TEST

START_TEST(page_tables_are_read_again_after_a_change_or_a_while)
{
	struct fake f = { .pid = 10, .size = 9000, .rss = 6400, .pte_kib = 40 };

	process(&f);
	look(10000);
	/* A young process is read more often. */
	look(40000);
	f.pte_kib = 80;
	tree_process(&tree, &f);
	look(41000);
	ck_assert_uint_eq(sample.kernel, 40 * KIB);
	tree_write(&tree, 10, "statm", "9000 7000 0 1 0 1 0\n");
	look(41050);
	ck_assert_uint_eq(sample.kernel, 80 * KIB);
	f.pte_kib = 120;
	tree_process(&tree, &f);
	look(62000);
	ck_assert_uint_eq(sample.kernel, 120 * KIB);
}
END_TEST

START_TEST(a_zombie_has_no_memory_and_is_no_process)
{
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	process(&(struct fake){ .pid = 11 });
	look(10000);
	ck_assert_uint_eq(sample.processes, 1);
	ck_assert_uint_eq(process_count(table), 2);
	/* One that lived before keeps nothing of its page tables or swap. */
	tree_write(&tree, 10, "status", "Uid:\t1\nRssShmem:\t4 kB\nVmPTE:\t8 kB\nVmSwap:\t16 kB\n");
	look(40000);
	ck_assert_uint_eq(process_find(table, 10)->row->kernel, 8 * KIB);
	tree_write(&tree, 10, "statm", "0 0 0 0 0 0 0\n");
	look(40050);
	ck_assert_uint_eq(sample.processes, 0);
	ck_assert_uint_eq(process_find(table, 10)->row->shmem, 0);
	ck_assert_uint_eq(process_find(table, 10)->row->kernel, 0);
	ck_assert_uint_eq(process_find(table, 10)->row->swap, 0);
}
END_TEST

static const struct {
	const char *what, *statm, *status; /* NULL: as it was, "/": cannot be read */
	uint64_t private, rss; /* pages; before it was 60 and 100 */
	unsigned unreadable;
} spoilt[] = {
	{ "status cannot be read: by RSS", NULL, "/", 100, 100, 1 },
	{ "status is empty", NULL, "", 100, 100, 1 },
	{ "status without a user", NULL, "Name:\tx\nVmPTE:\t4 kB\n", 100, 100, 1 },
	{ "statm is empty: the last figures", "", NULL, 60, 100, 0 },
	{ "statm is rubbish: the last figures", "rubbish", NULL, 60, 100, 0 },
	{ "more shared than resident", "9000 100 200", NULL, 0, 100, 0 },
};

START_TEST(what_cannot_be_read_is_never_counted_as_nothing)
{
	for (size_t i = 0; i < COUNT(spoilt); i++) {
		const char *const files[] = { "statm", "status" };
		const char *const texts[] = { spoilt[i].statm, spoilt[i].status };

		end();
		begin();
		process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100, .shared = 40 });
		look(10000);
		for (int k = 0; k < 2; k++) {
			if (texts[k] && *texts[k] == '/')
				tree_spoil(&tree, 10, files[k]);
			else if (texts[k])
				tree_write(&tree, 10, files[k], texts[k]);
		}
		look(31000);
		SAME(spoilt[i].what, sample.processes, 1);
		SAME(spoilt[i].what, sample.private, spoilt[i].private * pages);
		SAME(spoilt[i].what, sample.rss, spoilt[i].rss * pages);
		SAME(spoilt[i].what, sample.unreadable, spoilt[i].unreadable);
	}
}
END_TEST

START_TEST(a_process_never_read_at_all_is_told)
{
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	tree_spoil(&tree, 10, "statm");
	look(10000);
	ck_assert_uint_eq(sample.processes, 1);
	ck_assert_uint_eq(sample.unreadable, 1);
}
END_TEST

START_TEST(a_user_in_thousands_of_groups_has_page_tables_too)
{
	static char status[40 * 1024];
	int n = snprintf(status, sizeof(status), "Uid:\t1\nGroups:\t");

	for (int i = 0; i < 3000; i++)
		n += snprintf(status + n, sizeof(status) - (size_t)n, "%d ", 1000000000 + i);
	snprintf(status + n, sizeof(status) - (size_t)n, "\nVmPTE:\t  44 kB\nVmSwap:\t  4 kB\n");
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	tree_write(&tree, 10, "status", status);
	look(10000);
	ck_assert_uint_eq(sample.kernel, 44 * KIB);
	ck_assert_uint_eq(sample.swap, 4 * KIB);
	ck_assert_uint_eq(sample.unreadable, 0);
}
END_TEST

START_TEST(a_status_cut_short_is_told)
{
	static char status[900 * 1024];

	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	memset(status, '1', sizeof(status));
	memcpy(status, "Uid:\t1\nGroups:\t", 15);
	tree_write_bytes(&tree, 10, "status", status, sizeof(status));
	look(10000);
	ck_assert_uint_eq(sample.unreadable, 1);
	ck_assert_uint_eq(sample.private, 100 * pages);
}
END_TEST

/* Without a descriptor kept open for each process: more processes than descriptors. */
static void without_descriptors(void (*test)(void))
{
	struct rlimit before, few;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 32;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	close_procfs();
	open_procfs();
	test();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void ends(void)
{
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	process(&(struct fake){ .pid = 11, .size = 9000, .rss = 50 });
	look(10000);
	ck_assert_int_eq(process_find(table, 10)->statm_fd, -1);
	tree_remove(&tree, 10, NULL);
	look(10050);
	ck_assert_uint_eq(sample.processes, 1);
	ck_assert_uint_eq(sample.private, 50 * pages);
	ck_assert_ptr_null(process_find(table, 10));
}

static void is_replaced(void)
{
	int fd = tree_memory(4 * MIB);

	process(&(struct fake){ .pid = 10, .start = 7, .size = 9000, .rss = 100 });
	process(&(struct fake){ .pid = 11, .start = 7, .size = 9000, .rss = 50 });
	look(10000);
	tree_process(&tree, &(struct fake){ .pid = 10, .start = 8, .size = 9000, .rss = 300 });
	/* Its maps are looked at before its start time is, since it is not young. */
	process_find(table, 10)->seen_ns = 1;
	tree_map(&tree, 10, 0, "rw-s", fd, "/memfd:x (deleted)");
	process_find(table, 10)->status_rss = 300 * pages;
	process_find(table, 10)->maps_ns = 0;
	look(10050);
	ck_assert_uint_eq(sample.shared, 4 * MIB);
	look(21000);
	ck_assert_uint_eq(sample.private, 50 * pages);
	look(21050);
	ck_assert_uint_eq(sample.processes, 1);
	ck_assert_uint_eq(sample.shared, 0);
	ck_assert_ptr_null(process_find(table, 10));
	ck_assert_ptr_nonnull(process_find(table, 11));
	close(fd);
}

START_TEST(a_process_that_ended_is_forgotten)
{
	without_descriptors(ends);
}
END_TEST

START_TEST(another_process_of_the_same_pid_is_not_taken_for_it)
{
	without_descriptors(is_replaced);
}
END_TEST

START_TEST(an_open_descriptor_tells_that_a_real_process_ended)
{
	char target[64];
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (!child)
		for (;;)
			pause();
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	tree_remove(&tree, 10, "statm");
	snprintf(target, sizeof(target), "/proc/%d/statm", child);
	tree_link(&tree, 10, "statm", target);
	look(10000);
	ck_assert_uint_eq(sample.processes, 1);
	ck_assert_int_ge(process_find(table, 10)->statm_fd, 0);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	look(10050);
	ck_assert_uint_eq(sample.processes, 0);
	ck_assert_uint_eq(process_count(table), 0);
}
END_TEST

static const struct {
	const char *what, *comm, *cmdline, *title;
} titles[] = {
	{ "Ray's own", "ray::f", "ray::f()", "ray::f()" },
	{ "of a path the last part", "python3", "/usr/bin/python3", "python3" },
	{ "a relative path stays", "python3", "./python3", "./python3" },
	{ "none: the command's name", "kworker", "", "kworker" },
	{ "a path that ends in nothing", "sh", "/bin/", "sh" },
	{ "escapes and newline", "sh", "ray::\033[2J\n\"x\"", "ray::?[2J?\"x\"" },
	{ "no ASCII", "sh", "\377\303\244", "???" },
	{ "hostile name without a command line", "a)\n\033\"", "", "a)??\"" },
};

START_TEST(a_title_is_what_people_know_made_harmless)
{
	for (size_t i = 0; i < COUNT(titles); i++) {
		struct process *p = process(&(struct fake){ .pid = (pid_t)(10 + i),
			.size = 9000,
			.rss = 1,
			.comm = titles[i].comm,
			.cmdline = titles[i].cmdline });

		look(10000 + 300 * i);
		look(10000 + 300 * i + 200);
		ck_assert_msg(!strcmp(p->row->title, titles[i].title), "%s: \"%s\"", titles[i].what,
			p->row->title);
	}
}
END_TEST

START_TEST(an_over_long_title_is_cut)
{
	char title[200];
	struct process *p;

	memset(title, 'x', sizeof(title));
	title[sizeof(title) - 1] = '\0';
	p = process(&(struct fake){ .pid = 10, .size = 9000, .rss = 1, .cmdline = title });
	look(10000);
	look(10200);
	ck_assert_uint_eq(strlen(p->row->title), TITLE_SIZE - 1);
}
END_TEST

START_TEST(a_young_process_is_known_by_its_command)
{
	struct process *p = process(&(struct fake){
		.pid = 10, .size = 9000, .rss = 1, .comm = "python", .cmdline = "ray::f()" });

	look(10000);
	ck_assert_str_eq(p->row->title, "python");
	look(10199);
	ck_assert_str_eq(p->row->title, "python");
	look(10200);
	ck_assert_str_eq(p->row->title, "ray::f()");
	/* What it executed is read again at that age; its title stays for it. */
	look(60000);
	ck_assert_str_eq(p->row->title, "ray::f()");
}
END_TEST

START_TEST(a_new_mapping_is_found_when_what_is_shared_changes)
{
	int fd = tree_memory(4 * MIB);

	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	look(10000);
	/* Old enough that nothing is scanned for its age alone. */
	look(20000);
	tree_map(&tree, 10, 0, "rw-s", fd, "/memfd:x (deleted)");
	look(20300);
	ck_assert_uint_eq(sample.shared, 0);
	tree_write(&tree, 10, "statm", "10024 1124 1024 1 0 1 0\n");
	look(20600);
	ck_assert_uint_eq(sample.shared, 4 * MIB);
	close(fd);
}
END_TEST

START_TEST(what_is_mapped_without_a_trace_is_found_in_a_while)
{
	int fd = tree_memory(4 * MIB);

	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 100 });
	look(10000);
	tree_descriptor(&tree, 10, 5, fd, "x");
	look(100000);
	ck_assert_uint_eq(sample.shared, 4 * MIB);
	close(fd);
}
END_TEST

START_TEST(page_cache_is_never_more_than_is_resident)
{
	process(&(struct fake){ .pid = 10, .size = 9000, .rss = 1000, .shared = 500 });
	tree_write(&tree, 10, "status", "Uid:\t0\nRssFile:\t2000 kB\n");
	tree_write(&tree, 10, "maps", "00400000-00500000 r-xp 00000000 fe:00 42 /bin/python3\n");
	process(&(struct fake){ .pid = 11, .size = 9000, .rss = 1000, .shared = 500 });
	tree_write(&tree, 11, "status", "Uid:\t0\nRssFile:\t2000 kB\n");
	tree_write(&tree, 11, "maps", "00400000-00500000 r-xp 00000000 fe:00 42 /bin/python3\n");
	look(10000);
	/* The files are not known yet: both processes may have the same. */
	ck_assert_uint_eq(sample.file, 2000 * KIB);
	look(10200);
	ck_assert_uint_eq(sample.file, MIB);
	tree_write(&tree, 10, "maps", "00400000-40500000 r-xp 00000000 fe:00 42 /bin/python3\n");
	look(60000);
	ck_assert_uint_eq(sample.file, 4000 * KIB);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("procfs");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_look_adds_up_what_each_has_and_shared_memory_once);
	tcase_add_test(tc, each_look_reads_the_figures_anew);
	tcase_add_test(tc, page_tables_are_read_again_after_a_change_or_a_while);
	tcase_add_test(tc, a_zombie_has_no_memory_and_is_no_process);
	tcase_add_test(tc, what_cannot_be_read_is_never_counted_as_nothing);
	tcase_add_test(tc, a_process_never_read_at_all_is_told);
	tcase_add_test(tc, a_user_in_thousands_of_groups_has_page_tables_too);
	tcase_add_test(tc, a_status_cut_short_is_told);
	tcase_add_test(tc, a_process_that_ended_is_forgotten);
	tcase_add_test(tc, another_process_of_the_same_pid_is_not_taken_for_it);
	tcase_add_test(tc, an_open_descriptor_tells_that_a_real_process_ended);
	tcase_add_test(tc, a_title_is_what_people_know_made_harmless);
	tcase_add_test(tc, an_over_long_title_is_cut);
	tcase_add_test(tc, a_young_process_is_known_by_its_command);
	tcase_add_test(tc, a_new_mapping_is_found_when_what_is_shared_changes);
	tcase_add_test(tc, what_is_mapped_without_a_trace_is_found_in_a_while);
	tcase_add_test(tc, page_cache_is_never_more_than_is_resident);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/spool.h"
#include "tests/unit/spooled.h"

static int jobs_of(const char *cluster)
{
	int jobs = spool_jobs_open(spool, cluster);

	ck_assert_int_ge(jobs, 0);
	return jobs;
}

static uint64_t sum_in(const char *cluster, uint32_t number, int *n)
{
	int jobs = jobs_of(cluster);
	struct job job = { .number = number };
	uint64_t sum = 0;

	*n = spool_read_job(jobs, &job);
	for (size_t i = 0; i < job.n; i++)
		sum += job.nodes[i].footprint;
	job_clear(&job);
	close(jobs);
	return sum;
}

static uint64_t sum_of(uint32_t job, int *n)
{
	return sum_in("c", job, n);
}

static bool exists(const char *name)
{
	return faccessat(spool, name, F_OK, 0) == 0;
}

static void put(const char *name, const char *text)
{
	int fd = openat(spool, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(steps_nodes_and_runs_are_kept_apart)
{
	int n;

	write_value(7, 0, "0", "n1", 1);
	write_value(7, 0, "0", "n2", 2);
	write_value(7, 0, "batch", "n1", 4);
	write_value(7, 1, "0", "n1", 8);
	write_value(70, 0, "0", "n1", 100);
	ck_assert(exists("c/7/0.n1.json") && exists("c/7/batch.n1.json") &&
		exists("c/7/r1.0.n1.json"));
	SAME("sum", sum_of(7, &n), 15);
	ck_assert_int_eq(n, 4);
	/* The same step again: its newer record. */
	write_value(7, 0, "0", "n1", 1000);
	SAME("sum", sum_of(7, &n), 1014);
	ck_assert_int_eq(n, 4);
	sum_of(8, &n);
	ck_assert_int_eq(n, -ENOENT);
}
END_TEST

static void cluster_list(const char *name, void *text)
{
	strcat(text, name);
	strcat(text, " ");
}

START_TEST(clusters_are_kept_apart)
{
	struct step_info one = step_of(7, 0, "0", "n1"), two = one;
	char names[64] = "";
	int n;

	strcpy(two.cluster, "d/../e");
	ck_assert_int_eq(write_info(&one, 1), 0);
	ck_assert_int_eq(write_info(&two, 2), 0);
	SAME("c", sum_in("c", 7, &n), 1);
	SAME("d", sum_in("d_.._e", 7, &n), 2);
	ck_assert_int_eq(spool_each_cluster(spool, cluster_list, names), 0);
	ck_assert(!strcmp(names, "c d_.._e ") || !strcmp(names, "d_.._e c "));
}
END_TEST

/* As a user, who may enter the spool but not list it. */
static int report_as_user(void)
{
	struct job job = { .number = 7 };
	char names[64] = "";
	int fd, jobs, n;

	if (setgid(65534) || setuid(65534))
		return 1;
	fd = open(path, O_PATH | O_DIRECTORY);
	if (fd < 0 || open(path, O_RDONLY | O_DIRECTORY) >= 0)
		return 2;
	if (spool_each_cluster(fd, cluster_list, names) || strcmp(names, "c d "))
		return 3;
	jobs = spool_jobs_open(fd, "c");
	n = spool_read_job(jobs, &job);
	if (n != 1 || job.nodes[0].footprint != 1)
		return 4;
	job_clear(&job);
	job.number = 8;
	return spool_read_job(jobs, &job) == -EACCES ? 0 : 5;
}

START_TEST(a_user_finds_his_own_records)
{
	struct step_info mine = step_of(7, 0, "0", "n1"), other = step_of(8, 0, "0", "n1");
	int status;
	pid_t child;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(tree.path, 0711), 0);
	mine.uid = 65534;
	ck_assert_int_eq(write_info(&mine, 1), 0);
	ck_assert_int_eq(write_info(&other, 2), 0);
	strcpy(other.cluster, "d");
	ck_assert_int_eq(write_info(&other, 2), 0);
	ck_assert_int_eq(write_info(&other, 2), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(report_as_user());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	SAME("what failed", WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(a_cluster_is_never_taken_for_a_job)
{
	struct step_info f = step_of(7, 0, "0", "n1");

	strcpy(f.cluster, "42");
	ck_assert_int_eq(write_info(&f, 1), 0);
	ck_assert(exists("_2/7/0.n1.json"));
	*f.cluster = '\0';
	ck_assert_int_eq(write_info(&f, 1), 0);
	ck_assert(exists("cluster/7/0.n1.json"));
}
END_TEST

START_TEST(records_of_the_old_layout_are_read)
{
	int n;

	ck_assert_int_eq(mkdirat(spool, "7", 0700), 0);
	put("7/0.n1.json", "{\"job\":7,\"step\":\"0\",\"node\":\"n1\",\"peak\":{\"footprint\":5}}");
	SAME("sum", sum_in(NULL, 7, &n), 5);
	ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(the_number_of_another_user_s_job_comes_again)
{
	struct step_info mine = step_of(7, 0, "0", "n1"), other = step_of(7, 0, "1", "n1");
	struct stat before, after;
	struct dirent *entry;
	unsigned aside = 0;
	int n, jobs;
	DIR *list;

	ck_assert_int_eq(write_info(&mine, 1), 0);
	ck_assert_int_eq(fstatat(spool, "c/7", &before, 0), 0);
	other.uid = mine.uid + 1;
	ck_assert_int_eq(write_info(&other, 2), 0);
	/* Neither the record nor the directory with its rights is the old owner's. */
	SAME("sum", sum_of(7, &n), 2);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(fstatat(spool, "c/7", &after, 0), 0);
	ck_assert_uint_ne(before.st_ino, after.st_ino);
	jobs = jobs_of("c");
	list = fdopendir(jobs);
	while ((entry = readdir(list))) {
		if (strncmp(entry->d_name, ".job-", 5))
			continue;
		aside++;
		ck_assert_int_eq(fstatat(jobs, entry->d_name, &after, 0), 0);
		SAME("moved", after.st_ino, before.st_ino);
		SAME("mode", after.st_mode & 0077, 0);
	}
	SAME("aside", aside, 1);
	closedir(list);
	/* The second step of the same user stays beside the first. */
	strcpy(other.step, "2");
	ck_assert_int_eq(write_info(&other, 4), 0);
	SAME("sum", sum_of(7, &n), 6);
}
END_TEST

START_TEST(names_of_nodes_cannot_lead_elsewhere)
{
	static const char *const names[] = { "../../x", "/", "\033[2J", ".", "a b" };

	for (size_t i = 0; i < COUNT(names); i++)
		write_value(7, 0, "0", names[i], 1);
	ck_assert(exists("c/7/0._._.._x.json") && exists("c/7/0._.json"));
	ck_assert(exists("c/7/0.__2J.json") && exists("c/7/0.a_b.json"));
}
END_TEST

START_TEST(a_restart_count_that_cannot_be_is_none)
{
	struct step_info f = step_of(7, UINT32_MAX, "0", "n1");

	ck_assert_int_eq(write_info(&f, 1), 0);
	ck_assert(exists("c/7/0.n1.json"));
}
END_TEST

START_TEST(what_is_not_a_record_is_passed_over)
{
	int n;

	write_value(7, 0, "0", "n1", 1);
	put("c/7/1.n1.json", "{\"job\":7,\"val");
	put("c/7/2.n1.json", "");
	put("c/7/3.n1.json", "{\"job\":8,\"step\":\"3\",\"peak\":{\"footprint\":50}}");
	put("c/7/.4.n1.json.77", "{\"job\":7,\"step\":\"4\",\"peak\":{\"footprint\":50}}");
	put("c/7/README", "{\"job\":7,\"step\":\"5\",\"peak\":{\"footprint\":50}}");
	ck_assert_int_eq(symlinkat("../0.json", spool, "c/7/5.n1.json"), 0);
	put("c/0.json", "{\"job\":7,\"step\":\"6\",\"peak\":{\"footprint\":50}}");
	/* A FIFO that nobody writes to would be waited for. */
	ck_assert_int_eq(mkfifoat(spool, "c/7/6.n1.json", 0600), 0);
	SAME("sum", sum_of(7, &n), 1);
	ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(only_the_owner_may_look)
{
	struct stat st;

	write_value(7, 0, "0", "n1", 1);
	ck_assert_int_eq(fstat(spool, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0711);
	ck_assert_int_eq(fstatat(spool, "c", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0711);
	ck_assert_int_eq(fstatat(spool, "c/7", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0007, 0);
	ck_assert_int_eq(fstatat(spool, "c/7/0.n1.json", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0007, 0);
}
END_TEST

START_TEST(a_link_in_a_jobs_place_is_not_followed)
{
	struct step_info f = step_of(7, 0, "0", "n1");
	int n;

	write_value(8, 0, "0", "n1", 1);
	ck_assert_int_eq(symlinkat("/tmp", spool, "c/7"), 0);
	ck_assert_int_lt(write_info(&f, 1), 0);
	sum_of(7, &n);
	ck_assert_int_lt(n, 0);
}
END_TEST

static void count_job(uint32_t job, void *arg)
{
	uint64_t *sum = arg;

	*sum += job;
}

START_TEST(jobs_are_listed_by_number)
{
	uint64_t sum = 0;
	int jobs;

	write_value(7, 0, "0", "n1", 1);
	write_value(4000000000, 0, "0", "n1", 1);
	ck_assert_int_eq(mkdirat(spool, "c/5x", 0700), 0);
	ck_assert_int_eq(mkdirat(spool, "c/99999999999", 0700), 0);
	ck_assert_int_eq(mkdirat(spool, "c/0", 0700), 0);
	jobs = jobs_of("c");
	ck_assert_int_eq(spool_each_job(jobs, count_job, &sum), 0);
	SAME("sum", sum, 4000000007);
	close(jobs);
}
END_TEST

START_TEST(a_record_can_be_synchronised)
{
	struct step_info f = step_of(7, 0, "0", "n1");

	ck_assert_int_lt(spool_sync(spool, &f), 0);
	ck_assert_int_eq(write_info(&f, 10), 0);
	ck_assert_int_eq(spool_sync(spool, &f), 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("spool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, steps_nodes_and_runs_are_kept_apart);
	tcase_add_test(tc, clusters_are_kept_apart);
	tcase_add_test(tc, a_user_finds_his_own_records);
	tcase_add_test(tc, a_cluster_is_never_taken_for_a_job);
	tcase_add_test(tc, records_of_the_old_layout_are_read);
	tcase_add_test(tc, the_number_of_another_user_s_job_comes_again);
	tcase_add_test(tc, names_of_nodes_cannot_lead_elsewhere);
	tcase_add_test(tc, a_restart_count_that_cannot_be_is_none);
	tcase_add_test(tc, what_is_not_a_record_is_passed_over);
	tcase_add_test(tc, only_the_owner_may_look);
	tcase_add_test(tc, a_link_in_a_jobs_place_is_not_followed);
	tcase_add_test(tc, jobs_are_listed_by_number);
	tcase_add_test(tc, a_record_can_be_synchronised);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "results/published.h"
#include "results/spool.h"
#include "tests/unit/spooled.h"

static void put(const char *name, const char *text)
{
	int fd = openat(spool, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(the_summary_follows_the_records)
{
	struct step_info f = step_of(7, 0, "0", "n1");
	struct job_summary s;
	struct job_steps steps;

	f.nodes = 2;
	ck_assert_int_eq(write_info(&f, 10), 0);
	f.ended = true;
	ck_assert_int_eq(write_info(&f, 30), 0);
	ck_assert_int_eq(write_info(&f, 30), 0);
	ck_assert_int_eq(spool_summary(spool, &f, &s), 0);
	ck_assert_int_eq(job_summary_steps(&s, &steps), 0);
	SAME("steps", steps.n, 1);
	SAME("peak", steps.steps[0].peak, 30);
	SAME("reported", steps.steps[0].reported, 1);
	job_steps_clear(&steps);
	strcpy(f.node, "n2");
	ck_assert_int_eq(write_info(&f, 20), 0);
	ck_assert_int_eq(spool_summary(spool, &f, &s), 0);
	SAME("peak", s.steps[0].step.peak, 30);
	SAME("reported", s.steps[0].step.reported, 2);
	/* A torn file is no summary, and the next record begins anew. */
	put("c/7/.summary", "RPS1");
	ck_assert_int_lt(spool_summary(spool, &f, &s), 0);
	ck_assert_int_eq(write_info(&f, 20), 0);
	ck_assert_int_eq(spool_summary(spool, &f, &s), 0);
	SAME("reported", s.steps[0].step.reported, 1);
}
END_TEST

/* How often and how much this process has read, by the kernel's count. */
static void reads_now(unsigned long long *calls, unsigned long long *bytes)
{
	char text[256] = "";
	/* One read, whatever it finds: stdio would sometimes make two. */
	int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(read(fd, text, sizeof(text) - 1), 0);
	close(fd);
	ck_assert_int_eq(sscanf(text, "rchar: %llu wchar: %*u syscr: %llu", bytes, calls), 2);
}

/* What a step's end reads of the spool. */
static void end_reads(
	uint32_t job, unsigned step, unsigned long long *calls, unsigned long long *bytes)
{
	struct step_info f = step_of(job, 0, "", "n1");
	unsigned long long calls_before, bytes_before;
	struct job_summary s;
	struct job_steps steps;

	snprintf(f.step, sizeof(f.step), "%u", step);
	f.ended = true;
	reads_now(&calls_before, &bytes_before);
	ck_assert_int_eq(write_info(&f, (int)step), 0);
	ck_assert_int_eq(spool_summary(spool, &f, &s), 0);
	ck_assert_int_eq(job_summary_steps(&s, &steps), 0);
	reads_now(calls, bytes);
	*calls -= calls_before;
	*bytes -= bytes_before;
	job_steps_clear(&steps);
}

START_TEST(a_step_s_end_reads_as_much_after_2000_steps)
{
	unsigned long long calls[2], bytes[2];

	for (unsigned i = 0; i < 2000; i++) {
		char step[16];

		snprintf(step, sizeof(step), "%u", i);
		write_value(7, 0, step, "n1", (int)i);
	}
	write_value(8, 0, "0", "n1", 0);
	end_reads(8, 1, &calls[0], &bytes[0]);
	end_reads(7, 2000, &calls[1], &bytes[1]);
	/* valgrind reads now and then for itself. */
	if (!unit_under_valgrind())
		SAME("reads", calls[1], calls[0]);
	/* The count itself is read, too, and its digits grow. */
	ck_assert_uint_le(bytes[1], bytes[0] + 64);
	ck_assert_uint_le(bytes[1], 64 * 1024);
}
END_TEST

START_TEST(published_steps_are_kept_beside_the_records)
{
	struct job_step one = { .step = "0", .nodes = 1, .reported = 1, .peak = 5 };
	struct job_steps steps = { 0 };
	int jobs;

	ck_assert_int_eq(job_steps_append(&steps, &one), 0);
	write_value(8, 0, "0", "n1", 1);
	jobs = spool_jobs_open(spool, "c");
	ck_assert(!published_has(jobs, 7, &steps));
	ck_assert_int_lt(published_note(jobs, 7, &steps, NULL), 0);
	write_value(7, 0, "0", "n1", 1);
	ck_assert(!published_has(jobs, 7, &steps));
	ck_assert_int_eq(published_note(jobs, 7, &steps, "somebody else's text"), 0);
	/* Refused or not, these steps are done with. */
	ck_assert(published_has(jobs, 7, &steps));
	steps.steps[0].peak = 6;
	ck_assert(!published_has(jobs, 7, &steps));
	job_steps_clear(&steps);
	close(jobs);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("spool_summary");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_summary_follows_the_records);
	tcase_add_test(tc, a_step_s_end_reads_as_much_after_2000_steps);
	tcase_add_test(tc, published_steps_are_kept_beside_the_records);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/publisher/publish_loop.h"
#include "tests/unit/unit.h"

enum { JOBS = 8, READS = 64, FIELD = 4096, SCRONTAB_JOB = 7 };

/* The fields of some jobs, and the order in which they were read. */
static char fields[JOBS][FIELD];
static uint32_t reads[READS];
static unsigned reads_n, writes_n;

static char *fake_read(const struct publish_request *r, const char **reason)
{
	ck_assert_uint_lt(r->job, JOBS);
	if (reads_n < READS)
		reads[reads_n++] = r->job;
	if (r->field == PUBLISH_EXTRA) {
		*reason = "no such job";
		return NULL;
	}
	return strdup(fields[r->job]);
}

static int fake_write(const struct publish_request *r, char *text)
{
	writes_n++;
	if (r->job == SCRONTAB_JOB)
		return PUBLISH_NEVER;
	if (r->field == PUBLISH_COMMENT)
		return 7;
	ck_assert_uint_lt(strlen(text), FIELD);
	strcpy(fields[r->job], text);
	return 0;
}

static const char *fake_error(int number)
{
	return number == 7 ? "seven" : "another";
}

/* A database that is away. */
static char *away_read(const struct publish_request *r, const char **reason)
{
	(void)r;
	*reason = "slurmdbd did not answer";
	return NULL;
}

/* Jobs from 6 on have ended. */
static bool fake_is_running(const struct publish_request *r)
{
	return r->job < 6;
}

/*
 * A job whose entry another writer undoes right after our check, and which then ends. slurmdbd learns
 * of that a little later.
 */
static char database_field[FIELD];
static unsigned undone_reads, database_reads;

static char *undone_read(const struct publish_request *r, const char **reason)
{
	if (++undone_reads > 2)
		*fields[r->job] = '\0';
	return fake_read(r, reason);
}

static bool undone_is_running(const struct publish_request *r)
{
	(void)r;
	return undone_reads <= 2;
}

static char *late_read(const struct publish_request *r, const char **reason)
{
	(void)r;
	*reason = "slurmdbd does not know the job's end yet";
	return ++database_reads > 1 ? strdup(database_field) : NULL;
}

static int late_write(const struct publish_request *r, char *text)
{
	(void)r;
	strcpy(database_field, text);
	return 0;
}

/* Many writers at once: they undo each of our first tries. */
static unsigned crowded_reads;

static char *crowded_read(const struct publish_request *r, const char **reason)
{
	if (++crowded_reads < 10)
		*fields[r->job] = '\0';
	return fake_read(r, reason);
}

static const struct publish_way fake = { fake_read, fake_write, fake_error };
static const struct publish_way away = { away_read, fake_write, fake_error };
static const struct publish_way undone = { undone_read, fake_write, fake_error };
static const struct publish_way late = { late_read, late_write, fake_error };
static const struct publish_way crowded = { crowded_read, fake_write, fake_error };
static const struct publish_ways crowded_ways = { &crowded, &away, fake_is_running };
static const struct publish_ways ways = { &fake, &away, fake_is_running };
static const struct publish_ways undone_ways = { &undone, &late, undone_is_running };

/* Serves all requests at once, and returns the answers. */
static const char *serve_with(const char *requests, const struct publish_ways *with)
{
	static char answers[1024];
	int in[2], out[2];
	ssize_t n;

	reads_n = writes_n = 0;
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	ck_assert_int_eq(write(in[1], requests, strlen(requests)), (ssize_t)strlen(requests));
	close(in[1]);
	ck_assert_int_eq(publish_serve(in[0], out[1], with), 0);
	close(in[0]);
	close(out[1]);
	n = read(out[0], answers, sizeof(answers) - 1);
	ck_assert_int_ge(n, 0);
	answers[n] = '\0';
	close(out[0]);
	return answers;
}

static const char *serve(const char *requests)
{
	return serve_with(requests, &ways);
}

#define REQUEST(job, field) REQUEST_OF(job, field, "false")
#define REQUEST_OF(job, field, ended)                                                              \
	"{\"cluster\":\"\",\"job\":" #job ",\"restart\":0,\"field\":\"" field                      \
	"\",\"ended\":" ended ",\"steps\":{\"0\":{\"nodes\":1,\"reported\":1,\"peak\":1}}}\n"

START_TEST(a_request_that_waits_is_served_before_anything_is_checked_again)
{
	ck_assert_str_eq(serve(REQUEST(1, "admin_comment") REQUEST(2, "admin_comment")), "\n\n");
	/* Each request reads, writes and reads. Only the last one is checked again after that. */
	ck_assert_uint_ge(reads_n, 5);
	ck_assert_uint_eq(reads[0], 1);
	ck_assert_uint_eq(reads[1], 1);
	ck_assert_uint_eq(reads[2], 2);
	ck_assert_uint_eq(reads[3], 2);
	ck_assert_uint_eq(reads[4], 2);
	ck_assert_uint_eq(writes_n, 2);
	ck_assert(strstr(fields[1], "ray_pss") && strstr(fields[2], "ray_pss"));
}
END_TEST

START_TEST(a_request_waits_for_other_nodes_first)
{
	uint64_t begin_ns;

	unit_clock_run();
	begin_ns = monotonic_ns();
	ck_assert_str_eq(serve("{\"cluster\":\"\",\"job\":1,\"restart\":0,\"field\":\"extra\","
			       "\"ended\":false,\"delay\":60,\"steps\":{}}\n"),
		"no such job\n");
	ck_assert_uint_ge(monotonic_ns() - begin_ns, 60 * NS_PER_MS);
}
END_TEST

START_TEST(each_request_has_its_answer)
{
	ck_assert_str_eq(serve("nonsense\n" REQUEST(3, "comment") REQUEST(3, "extra") "{}\n"),
		"not a request\nseven\nno such job\nnot a request\n");
}
END_TEST

START_TEST(what_is_there_already_is_not_written)
{
	ck_assert_str_eq(serve(REQUEST(4, "admin_comment")), "\n");
	ck_assert_str_eq(serve(REQUEST(4, "admin_comment")), "\n");
	ck_assert_uint_eq(writes_n, 0);
	ck_assert_uint_eq(reads_n, 1);
}
END_TEST

START_TEST(a_job_that_nobody_can_change_is_asked_once_and_in_silence)
{
	ck_assert_str_eq(serve(REQUEST(7, "admin_comment")), "\n");
	ck_assert_uint_eq(writes_n, 1);
	ck_assert_str_eq(fields[SCRONTAB_JOB], "");
}
END_TEST

START_TEST(text_of_others_is_left_alone)
{
	strcpy(fields[5], "JS1:H4sIA");
	ck_assert(strstr(serve(REQUEST(5, "admin_comment")), "not a JSON object"));
	ck_assert_str_eq(fields[5], "JS1:H4sIA");
}
END_TEST

START_TEST(without_slurmdbd_an_entry_that_slurmctld_has_is_enough)
{
	const char *request = REQUEST_OF(6, "admin_comment", "true");

	ck_assert_str_eq(serve(request), "slurmdbd did not answer\n");
	ck_assert_uint_eq(writes_n, 0);
	strcpy(fields[6],
		"{\"ray_pss\":{\"v\":1,\"steps\":{\"0\":{\"nodes\":1,\"reported\":1,"
		"\"peak\":1,\"limit\":null,\"rss\":null,\"store\":null,\"oom\":\"none\"}}}}");
	ck_assert_str_eq(serve(request), "\n");
	ck_assert_uint_eq(writes_n, 0);
}
END_TEST

START_TEST(what_is_undone_as_the_job_ends_is_written_to_slurmdbd)
{
	ck_assert_str_eq(serve_with(REQUEST(3, "admin_comment"), &undone_ways), "\n");
	ck_assert_uint_eq(writes_n, 1);
	ck_assert_ptr_nonnull(strstr(database_field, "ray_pss"));
}
END_TEST

START_TEST(an_entry_that_lost_every_try_is_written_when_the_others_are_done)
{
	ck_assert_str_eq(serve_with(REQUEST(3, "admin_comment"), &crowded_ways),
		"another writer was faster every time\n");
	ck_assert_ptr_nonnull(strstr(fields[3], "ray_pss"));
	ck_assert_uint_gt(crowded_reads, 10);
}
END_TEST

/* raypssd ends with its step, before the publisher of a later node answers. */
static void serve_unheard(const char *requests, const struct publish_ways *with)
{
	int in[2], out[2];

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	ck_assert_int_eq(write(in[1], requests, strlen(requests)), (ssize_t)strlen(requests));
	close(in[1]);
	close(out[0]);
	ck_assert_int_eq(publish_serve(in[0], out[1], with), 0);
	close(in[0]);
	close(out[1]);
}

START_TEST(what_is_undone_is_written_again_although_nobody_waits_for_the_answer)
{
	serve_unheard(REQUEST(3, "admin_comment"), &undone_ways);
	ck_assert_ptr_nonnull(strstr(database_field, "ray_pss"));
}
END_TEST

START_TEST(each_request_is_served_although_nobody_waits_for_the_answers)
{
	serve_unheard(REQUEST(1, "admin_comment") REQUEST(2, "admin_comment"), &ways);
	ck_assert_ptr_nonnull(strstr(fields[1], "ray_pss"));
	ck_assert_ptr_nonnull(strstr(fields[2], "ray_pss"));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("publish_loop");

	tcase_add_test(tc, a_request_that_waits_is_served_before_anything_is_checked_again);
	tcase_add_test(tc, a_request_waits_for_other_nodes_first);
	tcase_add_test(tc, each_request_has_its_answer);
	tcase_add_test(tc, what_is_there_already_is_not_written);
	tcase_add_test(tc, a_job_that_nobody_can_change_is_asked_once_and_in_silence);
	tcase_add_test(tc, text_of_others_is_left_alone);
	tcase_add_test(tc, without_slurmdbd_an_entry_that_slurmctld_has_is_enough);
	tcase_add_test(tc, what_is_undone_as_the_job_ends_is_written_to_slurmdbd);
	tcase_add_test(tc, what_is_undone_is_written_again_although_nobody_waits_for_the_answer);
	tcase_add_test(tc, an_entry_that_lost_every_try_is_written_when_the_others_are_done);
	tcase_add_test(tc, each_request_is_served_although_nobody_waits_for_the_answers);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/fields.h"
#include "results/host.h"
#include "results/job_step.h"
#include "results/record.h"
#include "results/record_line.h"
#include "tests/unit/accounted.h"
#include "tests/unit/unit.h"

static void begin(void)
{
	accounted_begin();
	a.merged = 5 * MIB;
	distribution_add(&a.footprint, 3 * GIB, NS_PER_S);
	series_add(&a.series, 0, &a.peak);
	a.top_n = a.profiles_n = a.victims_n = 1;
	a.top[0] = (struct account_top){ 42, ROLE_TASK, GIB, UNKNOWN, 3 * GIB, "ray::f()" };
	a.profiles[0] = (struct account_profile){ .name = "f",
		.role = ROLE_TASK,
		.processes = 2,
		.private = { .weight = 2000, .sum = 1000.0 * (double)GIB, .peak = GIB / 2 },
		.together = { .weight = 1000, .sum = 1000.0 * (double)GIB, .peak = GIB } };
	a.profiles[0].private.buckets[0] = 2000;
	a.victims[0] = (struct look_victim){ 43, "f", 1, 2, 3 };
	info.with_series = info.rss_compared = true;
}

/* The record as a reader gets it: written and parsed again. */
static json_t *record(json_t *host)
{
	json_t *r = record_json(&info, &a, host), *again;
	json_error_t error;
	char *text;

	ck_assert_ptr_nonnull(r);
	text = json_dumps(r, 0);
	ck_assert_ptr_nonnull(text);
	again = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(again != NULL, "%s: %s", error.text, text);
	free(text);
	json_decref(r);
	return again;
}

/* Follows "a.b.0.c". NULL where it does not lead to anything. */
static json_t *at(json_t *j, const char *path)
{
	char copy[128], *save, *word;

	snprintf(copy, sizeof(copy), "%s", path);
	for (word = strtok_r(copy, ".", &save); word && j; word = strtok_r(NULL, ".", &save))
		j = json_is_array(j) ? json_array_get(j, (size_t)atoi(word))
				     : json_object_get(j, word);
	return j;
}

/* DESIGN, Contract: names. type: i integer, r real or integer, s string, a array, o object, 0 null. */
static const struct {
	const char *path;
	char type;
	uint64_t value; /* of an integer */
} contract[] = {
	{ "schema", 'i', RECORD_SCHEMA },
	{ "job", 'i', 7 },
	{ "restart", 'i', 1 },
	{ "step", 's', 0 },
	{ "node", 's', 0 },
	{ "source", 's', 0 },
	{ "limit", 'i', 4 * GIB },
	{ "peak.at", 'r', 0 },
	{ "peak.footprint", 'i', 3 * GIB },
	{ "peak.private", 'i', GIB },
	{ "peak.shared", 'i', 2 * GIB },
	{ "peak.kernel", 'i', 0 },
	{ "peak.file", 'i', MIB },
	{ "peak.swap", 'i', 0 },
	{ "peak.rss", 'i', 9 * GIB },
	{ "peak.pss", '0', 0 },
	{ "peak.uss", '0', 0 },
	{ "peak.lazyfree", '0', 0 },
	{ "peak.shr", '0', 0 },
	{ "peak.store", 'i', GIB },
	{ "peak.fallback", 'i', 0 },
	{ "peak.processes", 'i', 3 },
	{ "peak.merged", 'i', 5 * MIB },
	{ "bound", '0', 0 },
	{ "avg", 'i', 3 * GIB },
	{ "p50", 'i', 3 * GIB },
	{ "p95", 'i', 3 * GIB },
	{ "inflation", 'r', 0 },
	{ "oom.verdict", 's', 0 },
	{ "oom.scope", '0', 0 },
	{ "oom.kills", 'i', 0 },
	{ "oom.victims.0.pid", 'i', 43 },
	{ "oom.victims.0.name", 's', 0 },
	{ "end", 'o', 0 },
	{ "top.0.pid", 'i', 42 },
	{ "top.0.role", 's', 0 },
	{ "top.0.name", 's', 0 },
	{ "top.0.share", 'i', GIB },
	{ "top.0.pss", '0', 0 },
	{ "top.0.rss", 'i', 3 * GIB },
	{ "tasks.0.name", 's', 0 },
	{ "tasks.0.kind", 's', 0 },
	{ "tasks.0.processes", 'i', 2 },
	{ "tasks.0.seconds", 'r', 0 },
	{ "tasks.0.private.avg", 'i', GIB / 2 },
	{ "tasks.0.private.p50", 'r', 0 },
	{ "tasks.0.private.p95", 'r', 0 },
	{ "tasks.0.private.peak", 'i', GIB / 2 },
	{ "tasks.0.private.histogram.0.bytes", 'i', 0 },
	{ "tasks.0.private.histogram.0.seconds", 'r', 0 },
	{ "tasks.0.together.avg", 'i', GIB },
	{ "tasks.0.together.p95", 'r', 0 },
	{ "tasks.0.together.peak", 'i', GIB },
	{ "ray", '0', 0 },
	{ "objects.0.dev", 'i', 27 },
	{ "objects.0.ino", 'i', 306 },
	{ "objects.0.bytes", 'i', 2 * GIB },
	{ "series.0.seconds", 'r', 0 },
	{ "series.0.footprint", 'i', 3 * GIB },
	{ "series.0.store", 'i', GIB },
	{ "unreadable", 'i', 0 },
	{ "cost.samples", 'i', 2 },
	{ "cost.scans", 'i', 0 },
	{ "cost.cpu_seconds", 'r', 0 },
	{ "cost.duty_delay", 'r', 0 },
	{ "host", '0', 0 },
};

START_TEST(the_fields_of_the_contract_are_there)
{
	json_t *r = record(NULL);

	for (size_t i = 0; i < COUNT(contract); i++) {
		json_t *j = at(r, contract[i].path);
		bool fits = false;

		switch (contract[i].type) {
		case 'i':
			fits = json_is_integer(j);
			break;
		case 'r':
			fits = json_is_number(j);
			break;
		case 's':
			fits = json_is_string(j) && json_string_length(j);
			break;
		case 'a':
			fits = json_is_array(j);
			break;
		case 'o':
			fits = json_is_object(j);
			break;
		case '0':
			fits = json_is_null(j);
			break;
		}
		ck_assert_msg(
			fits, "%s is %s", contract[i].path, j ? "of another type" : "missing");
		if (contract[i].type == 'i')
			SAME(contract[i].path, json_integer_value(j), contract[i].value);
	}
	ck_assert_double_eq_tol(json_number_value(at(r, "peak.at")), 2, 1e-9);
	ck_assert_double_eq_tol(json_number_value(at(r, "inflation")), 3, 1e-9);
	json_decref(r);
}
END_TEST

START_TEST(outside_slurm_there_is_no_job)
{
	static const char *const paths[] = { "job", "restart", "step", "node", "nodes" };
	json_t *r;

	info.in_slurm = false;
	r = record(NULL);
	for (size_t i = 0; i < COUNT(paths); i++)
		ck_assert_msg(json_is_null(at(r, paths[i])), "%s", paths[i]);
	json_decref(r);
}
END_TEST

START_TEST(what_is_not_known_is_null_and_never_a_number)
{
	static const char *const paths[] = { "limit", "bound", "peak.private", "peak.shared",
		"peak.kernel", "peak.file", "peak.swap", "peak.rss", "peak.pss", "peak.uss",
		"peak.lazyfree", "peak.shr", "peak.pss_at", "peak.store", "peak.fallback",
		"inflation", "rss_max", "peak.merged", "top.0.share", "top.0.pss", "top.0.rss",
		"series", "host" };
	json_t *r;

	info.with_series = false;
	a.limit = a.rss_max = a.merged = UNKNOWN;
	a.peak.private = a.peak.shared = a.peak.kernel = a.peak.file = a.peak.swap = UNKNOWN;
	a.peak.rss = a.peak.store = a.peak.fallback = UNKNOWN;
	a.top[0].share = a.top[0].pss = a.top[0].rss = UNKNOWN;
	r = record(NULL);
	for (size_t i = 0; i < COUNT(paths); i++)
		ck_assert_msg(json_is_null(at(r, paths[i])), "%s", paths[i]);
	json_decref(r);
}
END_TEST

START_TEST(a_node_s_name_is_harmless)
{
	json_t *r;

	strcpy(info.node, "n\033[2J\377");
	r = record(NULL);
	ck_assert_str_eq(json_string_value(at(r, "node")), "n?[2J?");
	json_decref(r);
}
END_TEST

START_TEST(an_rss_that_was_never_read_is_not_0)
{
	json_t *r;

	a.peak.rss = UNKNOWN;
	a.rss_max = 0;
	r = record(NULL);
	ck_assert(json_is_null(at(r, "rss_max")));
	json_decref(r);
}
END_TEST

START_TEST(no_mean_and_no_quantile_is_above_the_peak)
{
	static const char *const paths[] = { "avg", "p50", "p95" };

	/* The middle of a bucket may lie above all that is in it. */
	for (uint64_t footprint = GIB; footprint < GIB + GIB / 16; footprint += MIB) {
		json_t *r;

		a.peak.private = footprint;
		a.peak.shared = 0;
		a.footprint = (struct distribution){ 0 };
		distribution_add(&a.footprint, footprint, NS_PER_S);
		r = record(NULL);
		for (size_t i = 0; i < COUNT(paths); i++)
			ck_assert_msg(json_integer_value(at(r, paths[i])) <= (json_int_t)footprint,
				"%s of %ju is %lld", paths[i], (uintmax_t)footprint,
				(long long)json_integer_value(at(r, paths[i])));
		json_decref(r);
	}
}
END_TEST

START_TEST(a_step_of_one_look_has_the_peak_for_its_mean)
{
	json_t *r;

	a.footprint = (struct distribution){ 0 };
	r = record(NULL);
	ck_assert_int_eq(json_integer_value(at(r, "avg")), 3 * GIB);
	ck_assert_int_eq(json_integer_value(at(r, "p95")), 3 * GIB);
	json_decref(r);
}
END_TEST

static const char *const hostile[] = { "\"},{\"oom\":{\"verdict\":\"kernel\"}", "\\", "\\u0000",
	"</script>", "a\nb\r\033[2J", "\377\376", "%s%n%s", "{}", "" };

START_TEST(hostile_names_are_harmless)
{
	for (size_t i = 0; i < COUNT(hostile); i++) {
		json_t *r;

		text_clean(a.top[0].name, TITLE_SIZE, hostile[i], strlen(hostile[i]));
		memcpy(a.profiles[0].name, a.top[0].name, TITLE_SIZE);
		memcpy(a.victims[0].name, a.top[0].name, TITLE_SIZE);
		r = record(NULL);
		ck_assert_str_eq(json_string_value(at(r, "top.0.name")), a.top[0].name);
		ck_assert_str_eq(json_string_value(at(r, "tasks.0.name")), a.top[0].name);
		ck_assert_str_eq(json_string_value(at(r, "oom.victims.0.name")), a.top[0].name);
		ck_assert_str_eq(json_string_value(at(r, "oom.verdict")), "rss-only");
		json_decref(r);
	}
}
END_TEST

static const struct {
	const char *what;
	bool ended, lost, signalled;
	int status;
	const char *how;
	int code; /* -1 = null */
	const char *signal;
} ends[] = {
	{ "not yet", false, false, false, 0, "running", -1, NULL },
	{ "nobody saw it", false, true, false, 0, "lost", -1, NULL },
	{ "well", true, false, false, 0, "completed", 0, NULL },
	{ "an exit status", true, false, false, 3, "failed", 3, NULL },
	{ "killed", true, false, true, SIGKILL, "signalled", -1, "KILL" },
	{ "a seccomp filter", true, false, true, SIGSYS, "signalled", -1, "SYS" },
	{ "a signal without a name", true, false, true, 40, "signalled", -1, NULL },
};

START_TEST(the_end_is_told_as_far_as_it_is_known)
{
	for (size_t i = 0; i < COUNT(ends); i++) {
		const char *row = ends[i].what, *signal;
		json_t *r;

		info.ended = ends[i].ended;
		info.lost = ends[i].lost;
		info.signalled = ends[i].signalled;
		info.status = ends[i].status;
		r = record(NULL);
		ck_assert_msg(!strcmp(json_string_value(at(r, "end.how")), ends[i].how), "%s", row);
		SAME(row, json_is_null(at(r, "end.code")), ends[i].code < 0);
		SAME(row, json_integer_value(at(r, "end.code")),
			ends[i].code < 0 ? 0 : ends[i].code);
		signal = json_string_value(at(r, "end.signal"));
		SAME(row, !signal, !ends[i].signal);
		ck_assert_msg(!signal || !strcmp(signal, ends[i].signal), "%s: %s", row, signal);
		json_decref(r);
	}
}
END_TEST

START_TEST(a_scope_beyond_its_names_is_not_known)
{
	json_t *r;

	a.kill_scope = SCOPE_JOB;
	r = record(NULL);
	ck_assert_str_eq(json_string_value(at(r, "oom.scope")), "job");
	json_decref(r);
	a.kill_scope = 4711;
	r = record(NULL);
	ck_assert(json_is_null(at(r, "oom.scope")));
	json_decref(r);
}
END_TEST

START_TEST(the_step_entry_for_sacct_is_small_and_complete)
{
	json_t *r = record(NULL), *entry;
	struct job_steps steps = { 0 };
	struct job_node node;
	struct job_step step;
	char *text;

	ck_assert_int_eq(job_node_read(r, &node), 0);
	step = job_step_of(&node);
	ck_assert_int_eq(job_steps_append(&steps, &step), 0);
	entry = job_steps_json(&steps);
	text = json_dumps(entry, JSON_COMPACT | JSON_PRESERVE_ORDER);
	ck_assert_str_eq(text,
		"{\"0\":{\"nodes\":2,\"reported\":1,\"peak\":3221225472,"
		"\"limit\":4294967296,\"rss\":9663676416,\"store\":1073741824,"
		"\"oom\":\"rss-only\",\"node\":\"n1\",\"on\":\"1\"}}");
	free(text);
	json_decref(entry);
	json_decref(r);
	job_steps_clear(&steps);
	job_node_clear(&node);
}
END_TEST

START_TEST(the_line_for_people_is_one_line_of_known_figures)
{
	char line[512], small[16];

	record_line(&info, &a, line, sizeof(line));
	ck_assert_ptr_nonnull(strstr(line, "peak 3.00 GiB of 4.00 GiB"));
	ck_assert_ptr_nonnull(strstr(line, "rss-only"));
	ck_assert_ptr_nonnull(strstr(line, "RSS sum 9.00 GiB is 3.0 times that"));
	ck_assert_ptr_null(strchr(line, '\n'));
	ck_assert(record_line_is_flagged(&info, &a));
	a.peak.shared = a.peak.private / 20;
	record_line(&info, &a, line, sizeof(line));
	ck_assert_msg(!strstr(line, "times that"), "%s", line);
	a.limit = a.peak.kernel = a.peak.rss = UNKNOWN;
	a.rss_max = 0;
	record_line(&info, &a, line, sizeof(line));
	ck_assert_msg(!strstr(line, "EiB"), "%s", line);
	ck_assert_msg(!strstr(line, " of "), "%s", line);
	ck_assert_ptr_eq(record_line(&info, &a, small, sizeof(small)), small);
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
}
END_TEST

START_TEST(the_host_is_told_where_it_is_known)
{
	json_t *host = host_json(), *r;

	ck_assert_ptr_nonnull(host);
	ck_assert_int_gt(json_integer_value(at(host, "memory")), 0);
	ck_assert_int_gt(json_integer_value(at(host, "pus")), 0);
	ck_assert_int_gt(json_integer_value(at(host, "numa.0.memory")), 0);
	r = record(host);
	ck_assert(json_equal(at(r, "host"), host));
	json_decref(r);
	json_decref(host);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("record");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, the_fields_of_the_contract_are_there);
	tcase_add_test(tc, outside_slurm_there_is_no_job);
	tcase_add_test(tc, what_is_not_known_is_null_and_never_a_number);
	tcase_add_test(tc, a_node_s_name_is_harmless);
	tcase_add_test(tc, an_rss_that_was_never_read_is_not_0);
	tcase_add_test(tc, no_mean_and_no_quantile_is_above_the_peak);
	tcase_add_test(tc, a_step_of_one_look_has_the_peak_for_its_mean);
	tcase_add_test(tc, hostile_names_are_harmless);
	tcase_add_test(tc, the_end_is_told_as_far_as_it_is_known);
	tcase_add_test(tc, a_scope_beyond_its_names_is_not_known);
	tcase_add_test(tc, the_step_entry_for_sacct_is_small_and_complete);
	tcase_add_test(tc, the_line_for_people_is_one_line_of_known_figures);
	tcase_add_test(tc, the_host_is_told_where_it_is_known);
	return unit_run();
}

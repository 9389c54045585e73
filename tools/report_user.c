/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss report --user: which of a user's jobs were flagged falsely, memory asked for and used. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "results/figure.h"
#include "results/job_field.h"
#include "results/publish_field.h"
#include "tools/report_print.h"
#include "tools/slurm_ask.h"

/* More jobs than anybody reads; the rest is said. */
#define JOBS_MOST 10000

/* A job as Slurm and our entry in its field know it. */
struct user_job {
	const char *id;
	const char *state;
	uint64_t asked; /* memory on one node */
	uint64_t used; /* the greatest footprint of a step on one node */
	uint64_t rss;
	uint64_t max_rss; /* the greatest MaxRSS of a step */
	enum verdict verdict;
	bool accounted;
	bool false_flag;
};

static const char *text_of(const json_t *job, const char *key)
{
	const char *text = json_string_value(json_object_get(job, key));

	return text ? text : "?";
}

static void steps_take(struct user_job *j, const struct job_steps *steps)
{
	j->accounted = true;
	j->used = steps->totals.steps ? steps->totals.peak : UNKNOWN;
	j->rss = steps->totals.steps ? steps->totals.rss : UNKNOWN;
	for (size_t i = 0; i < steps->n; i++) {
		j->used = figure_greater(j->used, steps->steps[i].peak);
		j->rss = figure_greater(j->rss, steps->steps[i].rss);
		if (steps->steps[i].oom > j->verdict)
			j->verdict = steps->steps[i].oom;
	}
}

static struct user_job job_take(const json_t *value)
{
	const json_t *texts = json_object_get(value, "fields"), *step;
	struct user_job j = {
		.id = text_of(value, "id"),
		.state = text_of(value, "state"),
		.asked = figure_get(value, "mem"),
		.used = UNKNOWN,
		.rss = UNKNOWN,
		.max_rss = UNKNOWN,
	};
	struct job_steps steps;
	const char *name;
	uint32_t restart;

	for (int i = 0; publish_field_names[i] && !j.accounted; i++) {
		const char *text =
			json_string_value(json_object_get(texts, publish_field_names[i]));

		if (text && job_field_read(text, &restart, &steps) == 0) {
			steps_take(&j, &steps);
			job_steps_clear(&steps);
		}
	}
	json_object_foreach (json_object_get(value, "steps"), name, step)
		j.max_rss = figure_greater(j.max_rss, figure_get(step, "max_rss"));
	/* Slurm says out of memory, or its figure would have, and the footprint fits. */
	j.false_flag = j.accounted &&
		(j.verdict == VERDICT_RSS_ONLY ||
			(j.verdict == VERDICT_NONE && !strcmp(j.state, "OUT_OF_MEMORY")));
	return j;
}

static void row_print(const struct user_job *j, struct unit unit)
{
	char asked[UNIT_TEXT], used[UNIT_TEXT], rss[UNIT_TEXT], max[UNIT_TEXT];

	printf("%-14s %-14s %9s %9s %9s %9s  ", j->id, j->state, unit_text(unit, j->asked, asked),
		unit_text(unit, j->used, used), unit_text(unit, j->rss, rss),
		unit_text(unit, j->max_rss, max));
	if (j->accounted)
		verdict_put(j->verdict, stdout);
	else
		putchar('-');
	puts(j->false_flag ? ", a false flag" : "");
}

static void table_print(const struct user_job *jobs, size_t n)
{
	size_t accounted = 0, false_flags = 0;
	uint64_t greatest = 0, asked = 0, used = 0;
	char asked_text[SIZE_TEXT], used_text[SIZE_TEXT];
	struct unit unit;

	for (size_t i = 0; i < n; i++) {
		greatest = figure_greater(greatest, figure_greater(jobs[i].asked, jobs[i].used));
		greatest = figure_greater(greatest, figure_greater(jobs[i].rss, jobs[i].max_rss));
		accounted += jobs[i].accounted;
		false_flags += jobs[i].false_flag;
		if (jobs[i].asked == UNKNOWN || jobs[i].used == UNKNOWN)
			continue;
		asked += jobs[i].asked;
		used += jobs[i].used;
	}
	unit = unit_for(greatest);
	printf("%-14s %-14s %9s %9s %9s %9s  OOM      (on one node, in %s)\n", "Job", "State",
		"Asked", "Used", "RSS sum", "MaxRSS", unit.name);
	for (size_t i = 0; i < n; i++)
		row_print(&jobs[i], unit);
	printf("\n%zu jobs, %zu accounted, %zu flagged falsely.\n", n, accounted, false_flags);
	if (asked)
		printf("Of the memory that accounted jobs asked for, %.0f %% was used (%s of "
		       "%s).\n",
			100 * (double)used / (double)asked, size_format(used, used_text),
			size_format(asked, asked_text));
}

static void json_print(const struct user_job *jobs, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s?, s:b}", "id", jobs[i].id,
				"state", jobs[i].state, "asked", figure_json(jobs[i].asked), "used",
				figure_json(jobs[i].used), "rss", figure_json(jobs[i].rss),
				"max_rss", figure_json(jobs[i].max_rss), "oom",
				jobs[i].accounted ? verdict_name(jobs[i].verdict) : NULL,
				"false_flag", (int)jobs[i].false_flag));
	json_dumpf(list, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(list);
}

int report_user(const char *cluster, const char *user, int64_t since, bool as_json)
{
	char second[24], most[24];
	const char *const arguments[] = { cluster ? cluster : "", "--user", user, second, most,
		NULL };
	const char *why;
	json_t *answer;
	struct user_job *jobs;
	size_t n;

	snprintf(second, sizeof(second), "%" PRId64, since);
	snprintf(most, sizeof(most), "%d", JOBS_MOST + 1);
	answer = slurm_ask(arguments, &why);
	n = json_array_size(answer);
	jobs = calloc(n + 1, sizeof(*jobs));
	if (!answer || !jobs) {
		fprintf(stderr, "raypss report: --user: %s\n", answer ? "no memory" : why);
		json_decref(answer);
		free(jobs);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		jobs[i] = job_take(json_array_get(answer, i));
	if (as_json)
		json_print(jobs, n > JOBS_MOST ? JOBS_MOST : n);
	else
		table_print(jobs, n > JOBS_MOST ? JOBS_MOST : n);
	if (n > JOBS_MOST)
		fprintf(stderr, "raypss report: --user: only the first %d jobs are shown\n",
			JOBS_MOST);
	free(jobs);
	json_decref(answer);
	return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records in the spool, one a line: read back, added up, reported and explained */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "results/advice.h"
#include "results/explain.h"
#include "results/job.h"
#include "results/job_report.h"
#include "results/job_summary.h"

const char fuzz_seeds[] = "fuzz/corpus/record/*";

static void node_check(const struct job_node *n)
{
	json_t *shown = job_node_json(n);

	MUST(json_is_object(shown));
	MUST(*n->step && fuzz_is_clean(n->step, sizeof(n->step)));
	MUST(fuzz_is_clean(n->node, sizeof(n->node)));
	MUST(n->restart <= RESTART_MAX && n->verdict <= VERDICT_KERNEL);
	json_decref(shown);
}

/* What explain says is clean text, and what is advised is never below what was seen. */
static void words_check(const struct job_node *n)
{
	const struct explain e = { "Step", n, n->lists, NULL, UNKNOWN };
	struct advice advice;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	MUST(file);
	advice_init(&advice);
	advice_add(&advice, n, n->lists);
	explain_print(&e, file);
	advice_print(&advice, file);
	fclose(file);
	for (size_t i = 0; i < size; i++)
		MUST(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	if (n->footprint != UNKNOWN && n->footprint && n->footprint < UINT64_MAX / 4)
		MUST(advice_mem(&advice) > n->footprint);
	json_decref(advice_json(&advice));
	advice_clear(&advice);
	free(text);
}

static void report_check(struct job *job, struct job_summary *summary)
{
	struct job_report report;
	struct job_steps steps;
	json_t *json;

	MUST(job_summary_is_sane(summary));
	MUST(job_summary_steps(summary, &steps) == 0);
	MUST(steps.n <= SUMMARY_STEPS && (steps.n > 0) == (job->n > 0));
	job_steps_clear(&steps);
	job_last_run(job);
	MUST(job_report_make(job, &report) == 0);
	MUST(report.steps.n <= job->n && report.nodes_n <= job->n);
	MUST((report.steps.n > 0) == (job->n > 0));
	json = job_report_json(&report);
	MUST(json_is_object(json));
	json_decref(json);
	job_report_clear(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = (const char *)bytes, *end = data + size;
	static struct job_summary summary;
	struct job job = { .number = 7, .lists = true };

	memset(&summary, 0, sizeof(summary));
	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *e = newline ? newline : end;
		json_t *record = json_loadb(data, (size_t)(e - data), 0, NULL);

		if (record && job_add(&job, record) == 0) {
			node_check(&job.nodes[job.n - 1]);
			words_check(&job.nodes[job.n - 1]);
			job_summary_add(&summary, &job.nodes[job.n - 1]);
		}
		json_decref(record);
		data = e + 1;
	}
	report_check(&job, &summary);
	job_clear(&job);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss report: what the spool says of a job. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "tools/commands.h"
#include "tools/job_name.h"
#include "plugin/common/paths.h"
#include "results/fields.h"
#include "results/job_report.h"
#include "tools/report_html.h"
#include "tools/spools.h"

static void usage(FILE *f)
{
	fputs("usage: raypss report [--json] [--cluster NAME] [--spool DIR]... JOB[.STEP]\n"
	      "\n"
	      "Tells what each step of the job used on each node, and the job as a whole.\n"
	      "\n"
	      "  --json          the same as JSON\n"
	      "  --html FILE     a page with pictures; also of a RECORD.json; - is standard "
	      "output\n"
	      "  --cluster NAME  whose job it is, where several clusters share a spool\n"
	      "  --spool DIR     where the records are; may be repeated (default " SPOOL_DEFAULT
	      ")\n",
		f);
}

/* The table's columns behind step and node. */
static const struct column {
	const char *title;
	const char *field; /* of the record */
} columns[] = {
	{ "Peak", "peak.footprint" },
	{ "Limit", "limit" },
	{ "Private", "peak.private" },
	{ "Shared", "peak.shared" },
	{ "Store", "peak.store" },
	{ "RSS sum", "rss_max" },
};

enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static void head_print(void)
{
	printf("%-11s %-15s", "Step", "Node");
	for (size_t i = 0; i < COLUMNS; i++)
		printf(" %9s", columns[i].title);
	puts("  OOM");
}

static void row_print(const struct job_node *n)
{
	char text[FIELD_TEXT];

	printf("%-11s %-15s", n->step, n->node);
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct field *f = field_find(columns[i].field);
		uint64_t value = *(const uint64_t *)((const char *)n + f->kept);

		printf(" %9s", value == UNKNOWN ? "-" : field_text(f, value, text));
	}
	printf("  %s\n", verdict_name((enum verdict)n->verdict));
}

static void report_print(const struct job_report *r)
{
	char one[SIZE_TEXT], all[SIZE_TEXT];

	head_print();
	for (size_t i = 0; i < r->job->n; i++)
		row_print(&r->job->nodes[i]);
	printf("\nJob %u: at most %s on one node, %s on all, each shared object of a node once.\n",
		r->job->number, size_format(r->peak_of_one_node, one),
		size_format(r->peak_of_nodes, all));
	for (size_t i = 0; i < r->job->n; i++) {
		const struct job_node *n = &r->job->nodes[i];

		if (n->left && n->left != UNKNOWN)
			printf("Step %s left %s in shared memory on %s.\n", n->step,
				size_format(n->left, one), n->node);
	}
	for (size_t i = 0; i < r->steps.n; i++) {
		const struct job_step *s = &r->steps.steps[i];

		if (s->nodes != UNKNOWN && s->reported < s->nodes)
			printf("Step %s: %llu of its %llu nodes have reported.\n", s->step,
				(unsigned long long)s->reported, (unsigned long long)s->nodes);
	}
}

static int report_show(const struct job *job, bool as_json)
{
	struct job_report report;
	json_t *json;
	int rc = job_report_make(job, &report);

	if (rc) {
		fprintf(stderr, "raypss report: %s\n", strerror(-rc));
		return EXIT_FAILURE;
	}
	if (as_json) {
		json = job_report_json(&report);
		json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
		putchar('\n');
		json_decref(json);
	} else {
		report_print(&report);
	}
	job_report_clear(&report);
	return EXIT_SUCCESS;
}

/* Leaves one step's records only. */
static void step_select(struct job *job, const char *step)
{
	size_t kept = 0;

	for (size_t i = 0; i < job->n; i++) {
		if (!strcmp(job->nodes[i].step, step))
			job->nodes[kept++] = job->nodes[i];
		else
			job_node_clear(&job->nodes[i]);
	}
	job->n = kept;
}

static int report_job(const struct spools *spools, uint32_t number, const char *step, bool as_json)
{
	struct job job = { .number = number };
	char cluster[CLUSTER_SIZE];
	int rc = EXIT_FAILURE;

	if (spools_find(spools, "report", number, cluster))
		return rc;
	if (spools_read(spools, cluster, &job)) {
		spools_complain(spools, "report", number);
	} else {
		if (step)
			step_select(&job, step);
		if (job.n)
			rc = report_show(&job, as_json);
		else
			fprintf(stderr, "raypss report: job %u has no record of a step %s\n",
				number, step);
	}
	job_clear(&job);
	return rc;
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "html", required_argument, NULL, 'H' },
		{ "cluster", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static char name[] = "raypss report";
	struct spools spools = { 0 };
	const char *step, *wrong, *html = NULL;
	bool as_json = false;
	uint32_t job;
	int c;

	argv[0] = name; /* getopt's messages begin with it */
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'j')
			as_json = true;
		else if (c == 'H')
			html = optarg;
		else if (c == 'c')
			spools.cluster = optarg;
		else if (c == 's' && spools_add(&spools, optarg) == 0)
			continue;
		else if (c == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return usage(stderr), EXIT_USAGE;
	}
	if (argc - optind != 1)
		return usage(stderr), EXIT_USAGE;
	if (html)
		return report_html(&spools, html, argv[optind]);
	wrong = job_name_parse(argv[optind], &job, &step);
	if (wrong) {
		fprintf(stderr, "raypss report: \"%s\" %s\n", argv[optind], wrong);
		return EXIT_USAGE;
	}
	return report_job(&spools, job, step, as_json);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss report: what the spool says of a job. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "commands.h"
#include "plugin/common/paths.h"
#include "results/job.h"
#include "spools.h"

static void usage(FILE *f)
{
	fputs("usage: raypss report [--json] [--spool DIR]... JOB[.STEP]\n"
	      "\n"
	      "Tells what each step of the job used on each node, and the job as a whole.\n"
	      "\n"
	      "  --json       the same as JSON\n"
	      "  --spool DIR  where the records are; may be repeated (default " SPOOL_DEFAULT ")\n",
		f);
}

static const char *bytes(const json_t *object, const char *key, char text[SIZE_TEXT])
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? size_format((uint64_t)json_integer_value(value), text)
				      : "-";
}

static void row_print(const char *step, const char *node, const json_t *o)
{
	char peak[SIZE_TEXT], limit[SIZE_TEXT], private[SIZE_TEXT], shared[SIZE_TEXT],
		store[SIZE_TEXT], rss[SIZE_TEXT];
	const char *oom = json_string_value(json_object_get(o, "oom"));

	printf("%-11s %-15s %9s %9s %9s %9s %9s %9s  %s\n", step, node, bytes(o, "footprint", peak),
		bytes(o, "limit", limit), bytes(o, "private", private), bytes(o, "shared", shared),
		bytes(o, "store", store), bytes(o, "rss_max", rss), oom ? oom : "-");
}

static void report_print(const json_t *report)
{
	json_t *steps = json_object_get(report, "steps"), *step, *summary;
	const json_t *total = json_object_get(report, "total");
	char one[SIZE_TEXT], all[SIZE_TEXT];
	const char *name, *node;

	printf("%-11s %-15s %9s %9s %9s %9s %9s %9s  %s\n", "Step", "Node", "Peak", "Limit",
		"Private", "Shared", "Store", "RSS sum", "OOM");
	json_object_foreach (steps, name, step)
		json_object_foreach (json_object_get(step, "per_node"), node, summary)
			row_print(name, node, summary);
	printf("\nJob %lld: at most %s on one node, %s on all, each shared object of a node "
	       "once.\n",
		(long long)json_integer_value(json_object_get(report, "job")),
		bytes(total, "peak_of_one_node", one), bytes(total, "peak_of_nodes", all));
	json_object_foreach (steps, name, step) {
		long long nodes = json_integer_value(json_object_get(step, "nodes"));
		long long reported = json_integer_value(json_object_get(step, "reported"));

		if (reported < nodes)
			printf("Step %s: %lld of its %lld nodes have reported.\n", name, reported,
				nodes);
	}
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct spools spools = { 0 };
	bool as_json = false;
	json_t *records, *report;
	const char *step;
	uint32_t job;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'j')
			as_json = true;
		else if (c == 's' && spools_add(&spools, optarg) == 0)
			continue;
		else if (c == 'h')
			return usage(stdout), EXIT_SUCCESS;
		else
			return usage(stderr), EXIT_USAGE;
	}
	if (argc - optind != 1 || job_parse(argv[optind], &job, &step)) {
		if (argc - optind == 1)
			fprintf(stderr, "raypss report: \"%s\" is not a JOB or JOB.STEP\n",
				argv[optind]);
		return usage(stderr), EXIT_USAGE;
	}
	records = spools_records(&spools, job, step);
	if (!json_array_size(records)) {
		fprintf(stderr, "raypss report: no record of job %s that you may read in %s\n",
			argv[optind], spools_text(&spools));
		json_decref(records);
		return EXIT_FAILURE;
	}
	report = job_report(records);
	if (as_json)
		json_dumpf(report, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15)), putchar('\n');
	else
		report_print(report);
	json_decref(report);
	json_decref(records);
	return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss report: what jobs used, from their records or from what sacct shows. */
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/job_report.h"
#include "tools/commands.h"
#include "tools/job_advice.h"
#include "tools/job_find.h"
#include "tools/options.h"
#include "tools/report_html.h"
#include "tools/report_print.h"
#include "tools/since.h"

/* How jobs are printed. */
struct report {
	struct spools spools;
	const char *user;
	const char *since;
	const char *html;
	bool json, csv, all, top, tasks;
};

static void usage(FILE *f)
{
	fputs("usage: raypss report [--json|--csv|--all] [--tasks] [--top] [--cluster NAME] "
	      "[--spool DIR]... JOB[.STEP]...\n"
	      "       raypss report [--json] [--cluster NAME] --user NAME [--since TIME]\n"
	      "       raypss report --html FILE JOB[.STEP]|RECORD.json\n"
	      "\n"
	      "Tells what each step of a job used on each node, the job as a whole, and what to "
	      "ask\n"
	      "for; or which jobs of a user were flagged falsely, and memory asked for and used.\n"
	      "A job is written " JOB_NAME_ALLOWED ".\n"
	      "\n"
	      "  --json          the same as JSON; an array if there are several jobs\n"
	      "  --html FILE     a page with pictures; - is standard output\n"
	      "  --csv           a line for each step and node, in bytes\n"
	      "  --all           all rows of a large job, not only the worst 20\n"
	      "  --tasks         also what each Ray task and actor took\n"
	      "  --top           also the largest processes\n"
	      "  --user NAME     the user's jobs, as Slurm's database knows them\n"
	      "  --since TIME    " SINCE_ALLOWED " (default 7d)\n"
	      "  --cluster NAME  whose job it is, where several clusters have one of that number\n"
	      "  --spool DIR     where the records are; may be repeated (default: the site's)\n",
		f);
}

/* What the entry for sacct knows, in the form of job_report_json(). */
static json_t *field_json_of(const struct job_found *f)
{
	return json_pack("{s:I, s:o, s:{}, s:s}", "job", (json_int_t)f->name.job, "steps",
		job_steps_json(&f->steps), "nodes", "from", f->field);
}

static json_t *found_json(const struct job_found *f)
{
	struct job_report report;
	struct advice advice;
	json_t *json = NULL;

	if (!f->job.n) {
		json = field_json_of(f);
	} else if (job_report_make(&f->job, &report) == 0) {
		json = job_report_json(&report);
		job_report_clear(&report);
		json_object_set_new(json, "from", json_string("records"));
	}
	advice_init(&advice);
	job_advice(f, &advice);
	json_object_set_new(json, "id", json_string(f->name.id));
	json_object_set_new(json, "advice", advice_json(&advice));
	advice_clear(&advice);
	return json;
}

static void advice_show(const struct job_found *f)
{
	struct advice advice;

	advice_init(&advice);
	job_advice(f, &advice);
	puts("\nNext time (raypss advise):");
	advice_print(&advice, stdout);
	advice_clear(&advice);
}

static int found_print(const struct report *r, const struct job_found *f)
{
	int rc = report_table(f, r->all, stdout);

	if (rc) {
		fprintf(stderr, "raypss report: %s\n", strerror(-rc));
		return EXIT_FAILURE;
	}
	if (r->tasks)
		report_tasks(f, stdout);
	if (r->top)
		report_top(f, stdout);
	if ((r->tasks || r->top) && !f->job.n)
		puts("Processes and tasks are in the records alone.");
	advice_show(f);
	return EXIT_SUCCESS;
}

/* One of the jobs. list: takes its JSON. */
static int report_one(const struct report *r, const struct job_name *name, bool first, json_t *list)
{
	const struct job_find how = { .spools = &r->spools, .command = "report", .lists = true };
	struct job_found found;
	int rc = job_find(&how, name, &found) ? EXIT_FAILURE : EXIT_SUCCESS;

	if (rc)
		;
	else if (list)
		json_array_append_new(list, found_json(&found));
	else if (r->csv)
		report_csv(&found, first, stdout);
	else
		rc = found_print(r, &found);
	job_found_clear(&found);
	return rc;
}

static int report_jobs(const struct report *r, char *const *texts, int n)
{
	json_t *list = r->json ? json_array() : NULL;
	bool first = true;
	int rc = EXIT_SUCCESS;

	for (int i = 0; i < n; i++) {
		struct job_name name;

		if (job_name_parse(texts[i], &name))
			continue; /* they were checked */
		if (!list && !r->csv && i)
			putchar('\n');
		if (report_one(r, &name, first, list))
			rc = EXIT_FAILURE;
		else
			first = false;
	}
	if (list && json_array_size(list)) {
		json_dumpf(n == 1 ? json_array_get(list, 0) : list, stdout,
			JSON_INDENT(1) | JSON_REAL_PRECISION(15));
		putchar('\n');
	}
	json_decref(list);
	return rc;
}

static int report_of_user(const struct report *r)
{
	const struct passwd *who = getpwnam(r->user);
	int64_t since;
	int rc;

	rc = since_parse(r->since ? r->since : "7d", &since);
	if (rc)
		return option_wrong("report", "--since", r->since,
			rc == -ERANGE ? "in the past, as the clock of this host has it"
				      : SINCE_ALLOWED);
	if (!who)
		return option_wrong("report", "--user", r->user, "a user of this host");
	if (geteuid() && who->pw_uid != geteuid()) {
		fprintf(stderr,
			"raypss report: --user: \"%s\" is another user: root may ask for it\n",
			r->user);
		return EXIT_FAILURE;
	}
	return report_user(r->spools.cluster, r->user, since, r->json);
}

/* What contradicts itself. 0 or EXIT_USAGE after a line. */
static int options_check(const struct report *r, int jobs)
{
	const char *wrong = NULL;

	if (r->json && r->csv)
		wrong = "--json and --csv contradict each other";
	else if (r->html && (r->json || r->csv || r->user || r->top || r->tasks || r->all))
		wrong = "--html has all of the page, and goes with no other form";
	else if (r->html && jobs != 1)
		wrong = "--html takes one JOB[.STEP] or RECORD.json";
	else if (r->user && jobs)
		wrong = "--user takes no JOB";
	else if (r->user && (r->csv || r->top || r->tasks))
		wrong = "--user goes with --json alone";
	else if (r->since && !r->user)
		wrong = "--since needs --user";
	else if ((r->csv || r->json) && (r->top || r->tasks))
		wrong = "--tasks and --top print tables; the records are JSON and have them";
	if (wrong)
		fprintf(stderr, "raypss report: %s\n", wrong);
	return wrong ? EXIT_USAGE : 0;
}

/* The options. 0; 1: help was asked for; -1: wrong use. */
static int options_read(int argc, char **argv, struct report *r)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "html", required_argument, NULL, 'H' },
		{ "csv", no_argument, NULL, 'v' },
		{ "all", no_argument, NULL, 'a' },
		{ "tasks", no_argument, NULL, 't' },
		{ "top", no_argument, NULL, 'p' },
		{ "user", required_argument, NULL, 'u' },
		{ "since", required_argument, NULL, 'i' },
		{ "cluster", required_argument, NULL, 'c' },
		{ "spool", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool *const flags[] = { ['j'] = &r->json,
		['v'] = &r->csv,
		['a'] = &r->all,
		['t'] = &r->tasks,
		['p'] = &r->top };
	const char **const texts[] = {
		['c'] = &r->spools.cluster, ['i'] = &r->since, ['u'] = &r->user, ['H'] = &r->html
	};
	int c;

	while ((c = options_next(argc, argv, ":h", options)) != -1) {
		if (c == 'h' || c == '?')
			return c == 'h' ? 1 : -1;
		if (c == 's') {
			if (spools_add(&r->spools, optarg))
				return -1;
		} else if (optarg) {
			*texts[c] = optarg;
		} else {
			*flags[c] = true;
		}
	}
	return 0;
}

int cmd_report(int argc, char **argv)
{
	struct report r = { 0 };
	struct job_name name;
	int rc;

	rc = options_read(argc, argv, &r);
	if (rc > 0)
		return usage(stdout), EXIT_SUCCESS;
	if (rc)
		return EXIT_USAGE;
	if (options_check(&r, argc - optind))
		return EXIT_USAGE;
	if (optind == argc && !r.user)
		return job_name_only("report", argv, 0), EXIT_USAGE;
	if (r.html)
		return report_html(&r.spools, r.html, argv[optind]);
	for (int i = optind; i < argc; i++)
		if (job_name_check("report", argv[i], &name))
			return EXIT_USAGE;
	return r.user ? report_of_user(&r) : report_jobs(&r, argv + optind, argc - optind);
}

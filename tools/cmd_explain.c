/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypss explain: how a job ended and why, in sentences. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "results/advice.h"
#include "results/explain.h"
#include "results/figure.h"
#include "tools/commands.h"
#include "tools/job_advice.h"
#include "tools/job_find.h"
#include "tools/job_options.h"
#include "tools/record_file.h"

/* Steps that are told in full: the worst ones. */
enum { TOLD_MOST = 5 };

/* What is told of a job. */
struct story {
	const struct job_found *found; /* NULL: a record in a file */
	struct explain told[TOLD_MOST]; /* worst first */
	size_t told_n;
	size_t steps; /* of the job, told or not */
	enum verdict worst;
	struct advice advice;
};

static void usage(FILE *f)
{
	fputs("usage: raypss explain [--json] [--cluster NAME] [--spool DIR]... "
	      "JOB[.STEP]|RECORD.json\n"
	      "\n"
	      "Tells in sentences how a job ended and why, who held the memory, why Slurm's "
	      "figure\n"
	      "differs, and what to ask for. The exit status tells scripts the verdict: 0 none,\n"
	      "10 rss-only, 11 near or over, 12 limit, 13 kernel; 1 nothing known, 2 wrong use.\n"
	      "\n"
	      "  --json          the same as JSON\n"
	      "  --cluster NAME  whose job it is, where several clusters have one of that number\n"
	      "  --spool DIR     where the records are; may be repeated (default: the site's)\n",
		f);
}

static int worst_first(const void *a, const void *b)
{
	return job_node_worst_first(
		*(const struct job_node *const *)a, *(const struct job_node *const *)b);
}

static bool is_told(const struct story *s, const char *step)
{
	for (size_t i = 0; i < s->told_n; i++)
		if (!strcmp(s->told[i].node->step, step))
			return true;
	return false;
}

/* A job's end says more than the cancelling of its steps that it brings about. */
static const char *state_of(const json_t *job, const json_t *step)
{
	const char *whole = json_string_value(json_object_get(job, "state"));
	const char *part = json_string_value(json_object_get(step, "state"));

	return part && (strcmp(part, "CANCELLED") || !whole || !strcmp(whole, "COMPLETED")) ? part
											    : whole;
}

static const char *who_text(const struct job_found *f, const struct job_node *n)
{
	char *who = malloc(EXPLAIN_WHO);

	if (who)
		snprintf(who, EXPLAIN_WHO, "Step %s.%s%s%s", f->name.id, n->step,
			*n->node ? " on " : "", n->node);
	return who;
}

/* Tells of the step on its worst node, or of the most that fit. */
static void story_add(struct story *s, const struct job_node *n)
{
	const json_t *steps = json_object_get(s->found->slurm, "steps");
	const json_t *step = json_object_get(steps, n->step);

	if (is_told(s, n->step))
		return;
	/* Of a job without any flag one step is enough. */
	if (s->told_n == TOLD_MOST || (s->told_n && n->verdict == VERDICT_NONE))
		return;
	s->told[s->told_n++] = (struct explain){
		.who = who_text(s->found, n),
		.node = n,
		.record = n->lists,
		.slurm_state = state_of(s->found->slurm, step),
		.slurm_max_rss = figure_get(step, "max_rss"),
	};
}

static void story_make(struct story *s, const struct job_node *const *nodes, size_t n)
{
	s->worst = n ? (enum verdict)nodes[0]->verdict : VERDICT_NONE;
	for (size_t i = 0; i < n; i++)
		story_add(s, nodes[i]);
}

static void told_print(const struct explain *e, FILE *out)
{
	explain_print(e, out);
	if (e->node->nodes != UNKNOWN && e->node->nodes > 1 && *e->node->node)
		fprintf(out, "The step ran on %llu nodes; this is the worst that is known.\n",
			(unsigned long long)e->node->nodes);
}

/* The number of a whole array, or of a het job, is that of one part, too. */
static void kin_print(const struct job_found *f, FILE *out)
{
	const char *id = json_string_value(json_object_get(f->slurm, "id"));
	bool is_array = id && strchr(id, '_'), is_het = id && strchr(id, '+');

	if ((is_array || is_het) && strcmp(id, f->name.id))
		fprintf(out, "\nJob %s is %s: the other %s are jobs of their own.\n", f->name.id,
			id, is_array ? "tasks of the array" : "parts of the het job");
}

static void story_print(const struct story *s, FILE *out)
{
	for (size_t i = 0; i < s->told_n; i++) {
		if (i)
			fputc('\n', out);
		told_print(&s->told[i], out);
	}
	if (s->found)
		kin_print(s->found, out);
	if (s->steps > s->told_n)
		fprintf(out, "\nNo other step was worse; raypss report shows all %zu.\n", s->steps);
}

/* The lines of a text as an array. */
static json_t *lines_json(char *text)
{
	json_t *lines = json_array();
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		json_array_append_new(lines, json_string(line));
	return lines;
}

static int story_json(const struct story *s)
{
	const struct job_node *n = s->told_n ? s->told[0].node : NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	json_t *json;

	if (!file)
		return -ENOMEM;
	story_print(s, file);
	fclose(file);
	json = json_pack("{s:s, s:s?, s:s?, s:s, s:i, s:o, s:o}", "job",
		s->found ? s->found->name.id : "", "step", n && *n->step ? n->step : NULL, "node",
		n && *n->node ? n->node : NULL, "verdict", verdict_name(s->worst), "status",
		explain_status(s->worst), "text", lines_json(text), "advice",
		advice_json(&s->advice));
	json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(json);
	free(text);
	return 0;
}

static int story_tell(const struct story *s, bool as_json)
{
	if (as_json) {
		if (story_json(s))
			return EXIT_FAILURE;
	} else {
		story_print(s, stdout);
		fputs("\nNext time:\n", stdout);
		advice_print(&s->advice, stdout);
		if (s->found)
			job_found_hint(s->found, stdout);
	}
	return explain_status(s->worst);
}

/* How many steps are known, in records or in the entry for sacct. */
static size_t steps_count(const struct job_found *f)
{
	struct job_steps steps = { 0 };
	size_t n = f->steps.n;

	if (f->job.n && job_steps_of(&f->job, &steps) == 0 && steps.n > n)
		n = steps.n;
	job_steps_clear(&steps);
	if (f->steps.totals.steps > n)
		n = f->steps.totals.steps;
	return n;
}

/* What sacct knows counts where no record tells more: all its steps, as nodes without a name. */
static size_t nodes_collect(
	const struct job_found *f, struct job_node *from_field, const struct job_node **out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->job.n; i++)
		out[n++] = &f->job.nodes[i];
	for (size_t i = 0; i < f->steps.n; i++) {
		const struct job_step *s = &f->steps.steps[i];

		job_advice_node(s, &from_field[i]);
		out[n++] = &from_field[i];
	}
	qsort(out, n, sizeof(*out), worst_first);
	return n;
}

static int explain_job(const struct job_find *how, const struct job_name *name, bool as_json)
{
	struct job_found found;
	struct story story = { .found = &found };
	struct job_node *from_field = NULL;
	const struct job_node **nodes = NULL;
	int rc = job_find(how, name, &found) ? EXIT_FAILURE : 0;

	advice_init(&story.advice);
	if (rc == 0) {
		from_field = calloc(found.steps.n + 1, sizeof(*from_field));
		nodes = calloc(found.job.n + found.steps.n + 1, sizeof(*nodes));
	}
	if (from_field && nodes) {
		job_advice(&found, &story.advice);
		story.steps = steps_count(&found);
		story_make(&story, nodes, nodes_collect(&found, from_field, nodes));
		rc = story_tell(&story, as_json);
	}
	for (size_t i = 0; i < story.told_n; i++)
		free((char *)story.told[i].who);
	free(from_field);
	free(nodes);
	advice_clear(&story.advice);
	job_found_clear(&found);
	return rc;
}

static int explain_file(const char *path, bool as_json)
{
	json_t *record = record_file_read(path, "explain");
	struct story story = { .told_n = 1 };
	struct job_node node;
	char who[EXPLAIN_WHO];
	int rc = EXIT_FAILURE;

	advice_init(&story.advice);
	if (record && job_node_read(record, &node)) {
		fprintf(stderr, "raypss explain: \"%s\" is not a record of spank-ray-pss\n", path);
	} else if (record) {
		story.worst = (enum verdict)node.verdict;
		story.told[0] =
			(struct explain){ explain_who(&node, who), &node, record, NULL, UNKNOWN };
		advice_add(&story.advice, &node, record);
		rc = story_tell(&story, as_json);
		job_node_clear(&node);
	}
	advice_clear(&story.advice);
	json_decref(record);
	return rc;
}

int cmd_explain(int argc, char **argv)
{
	struct job_options o;
	struct job_find how = {
		.spools = &o.spools, .command = "explain", .lists = true, .ask = true
	};
	struct job_name name;
	int rc = job_options_read(argc, argv, usage, &o);

	if (rc >= 0)
		return rc;
	if (record_file_is(o.job))
		return explain_file(o.job, o.as_json);
	if (job_name_check("explain", o.job, &name))
		return EXIT_USAGE;
	return explain_job(&how, &name, o.as_json);
}

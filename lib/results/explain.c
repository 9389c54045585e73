/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/explain.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "measure/look.h"
#include "results/explain_ray.h"
#include "results/figure.h"

/* How many processes are named, and from which part of the peak on. */
enum { NAMED_MOST = 3 };
#define NAMED_PART 0.02

/* A sum of RSS is explained from this many times the footprint on. */
#define INFLATION_SAID 1.5

static const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	return bytes == UNKNOWN ? "an unknown size" : size_format(bytes, buf);
}

/* A text in a record was written by a user's process, or by anybody who wrote the file. */
static const char *text_of(const json_t *object, const char *key, char buf[TITLE_SIZE])
{
	const char *text = json_string_value(json_object_get(object, key));

	text_clean(buf, TITLE_SIZE, text ? text : "?", text ? strlen(text) : 1);
	return buf;
}

char *explain_who(const struct job_node *node, char buf[EXPLAIN_WHO])
{
	if (node->job == UNKNOWN)
		snprintf(buf, EXPLAIN_WHO, "The command");
	else
		snprintf(buf, EXPLAIN_WHO, "Step %" PRIu64 ".%s on %s", node->job, node->step,
			node->node);
	return buf;
}

int explain_status(enum verdict v)
{
	static const int statuses[] = {
		[VERDICT_NONE] = 0,
		[VERDICT_RSS_ONLY] = 10,
		[VERDICT_NEAR] = 11,
		[VERDICT_OVER] = 11,
		[VERDICT_LIMIT] = 12,
		[VERDICT_KERNEL] = 13,
	};

	return statuses[v];
}

/* --- how it ended --- */

static void kernel_print(const struct explain *e, FILE *out)
{
	static const char *const whose[] = {
		[SCOPE_NONE] = "its log does not say at which limit",
		[SCOPE_STEP] = "the step had reached its own limit",
		[SCOPE_JOB] = "the steps of the job together had reached the job's limit",
		[SCOPE_NODE] = "the node itself ran out of memory, not the step's limit",
	};
	uint64_t scope = e->node->scope <= SCOPE_NODE ? e->node->scope : SCOPE_NONE;
	const json_t *victims = json_object_get(json_object_get(e->record, "oom"), "victims");
	char name[TITLE_SIZE], size[SIZE_TEXT];
	const json_t *victim;
	size_t i;

	fprintf(out, "%s ran out of memory: the kernel killed ", e->who);
	if (!figure_or_0(e->node->kills))
		fputs("a process", out);
	else
		fprintf(out, "%llu process%s", (unsigned long long)e->node->kills,
			e->node->kills == 1 ? "" : "es");
	fprintf(out, "; %s.\n", whose[scope]);
	json_array_foreach (victims, i, victim)
		fprintf(out, "The kernel killed %s (pid %llu), which had %s of private memory.\n",
			text_of(victim, "name", name),
			(unsigned long long)figure_or_0(figure_get(victim, "pid")),
			size_text(figure_get(victim, "anon"), size));
}

static void limit_print(const struct explain *e, FILE *out)
{
	char peak[SIZE_TEXT], limit[SIZE_TEXT];

	fprintf(out,
		"%s ran out of memory: Slurm killed it, and was right. It needed %s, and its limit "
		"was %s.\n",
		e->who, size_text(e->node->footprint, peak), size_text(e->node->limit, limit));
}

static void near_print(const struct explain *e, FILE *out)
{
	char peak[SIZE_TEXT], limit[SIZE_TEXT];

	fprintf(out,
		"%s was close to its limit: it needed %s of %s. Nothing was killed for memory.\n",
		e->who, size_text(e->node->footprint, peak), size_text(e->node->limit, limit));
}

static void over_print(const struct explain *e, FILE *out)
{
	char peak[SIZE_TEXT], limit[SIZE_TEXT];

	fprintf(out,
		"%s passed its limit, which nothing enforces: it needed %s, the limit was %s.\n",
		e->who, size_text(e->node->footprint, peak), size_text(e->node->limit, limit));
}

static void rss_only_print(const struct explain *e, FILE *out)
{
	char peak[SIZE_TEXT], limit[SIZE_TEXT], rss[SIZE_TEXT];

	fprintf(out, "%s was not out of memory: it needed %s of %s. ", e->who,
		size_text(e->node->footprint, peak), size_text(e->node->limit, limit));
	fprintf(out, "Slurm's RSS sum, %s, would be: a memory flag for it is false.\n",
		size_text(e->node->rss_max, rss));
}

static void none_print(const struct explain *e, FILE *out)
{
	bool running = e->node->how == END_RUNNING;
	char peak[SIZE_TEXT], limit[SIZE_TEXT];

	if (e->node->footprint == UNKNOWN) {
		fprintf(out, "%s %s: nothing is known of its memory.\n", e->who,
			running ? "has no sample yet" : "ended before its first sample");
		return;
	}
	fprintf(out, "%s %s not out of memory: it %s %s", e->who, running ? "is" : "was",
		running ? "has needed" : "needed", size_format(e->node->footprint, peak));
	if (e->node->limit == UNKNOWN)
		fputs(", and no limit is known.\n", out);
	else
		fprintf(out, " of %s.\n", size_format(e->node->limit, limit));
}

static void verdict_print(const struct explain *e, FILE *out)
{
	static void (*const printers[])(const struct explain *, FILE *) = {
		[VERDICT_NONE] = none_print,
		[VERDICT_RSS_ONLY] = rss_only_print,
		[VERDICT_NEAR] = near_print,
		[VERDICT_OVER] = over_print,
		[VERDICT_LIMIT] = limit_print,
		[VERDICT_KERNEL] = kernel_print,
	};

	printers[e->node->verdict](e, out);
}

/* What Slurm's states say of an end that no verdict explains. */
static const char *state_words(const char *state)
{
	static const struct {
		const char *state, *words;
	} rows[] = {
		{ "CANCELLED", "somebody cancelled it (scancel)" },
		{ "TIMEOUT", "Slurm ended it at its time limit" },
		{ "NODE_FAIL", "a node failed" },
		{ "PREEMPTED", "Slurm ended it for a job of higher priority" },
		{ "DEADLINE", "Slurm ended it at its deadline" },
		{ "OUT_OF_MEMORY", "Slurm shows OUT_OF_MEMORY" },
	};

	for (size_t i = 0; state && i < sizeof(rows) / sizeof(*rows); i++)
		if (!strncmp(state, rows[i].state, strlen(rows[i].state)))
			return rows[i].words;
	return NULL;
}

static bool is_memory_kill(enum verdict v)
{
	return v == VERDICT_KERNEL || v == VERDICT_LIMIT;
}

/* Who killed a step that memory did not end: the record knows the signal, Slurm its reason. */
static void signalled_print(const struct explain *e, FILE *out)
{
	const char *words = state_words(e->slurm_state);
	const char *name = e->node->signal < 256 ? signal_name((int)e->node->signal) : NULL;
	bool killed = name && !strcmp(name, "KILL");

	fprintf(out, "It ended by signal %s", name ? name : "?");
	if (words)
		fprintf(out, ": %s.\n", words);
	else if (killed && e->node->verdict == VERDICT_RSS_ONLY && e->node->slurm_kills == 1)
		fputs(". Slurm kills steps whose figure passes the limit (OverMemoryKill), so "
		      "Slurm most likely killed it, falsely.\n",
			out);
	else
		fputs(", and not for memory as far as can be seen: scancel, a time limit, Ray's "
		      "own memory monitor, another process or the program itself sent it.\n",
			out);
}

/* The record of a running step is written at the first sample, and later only now and then. */
static void running_print(const struct explain *e, FILE *out)
{
	double elapsed = json_number_value(json_object_get(e->record, "elapsed"));

	fputs("It is still running: ", out);
	if (elapsed > 0)
		fprintf(out, "these figures are of its first %.0f s. ", ceil(elapsed));
	if (e->node->job != UNKNOWN && *e->node->node)
		fprintf(out, "raypss top %" PRIu64 ".%s on %s shows the present ones.\n",
			e->node->job, e->node->step, e->node->node);
	else
		fputs("raypss top on its node shows the present figures.\n", out);
}

static void end_print(const struct explain *e, FILE *out)
{
	const char *words = state_words(e->slurm_state);

	if (e->node->how == END_RUNNING)
		running_print(e, out);
	else if (e->node->how == END_LOST)
		fputs("slurmstepd disappeared before the step ended, so its end is not known.\n",
			out);
	else if (e->node->how == END_SIGNALLED && !is_memory_kill((enum verdict)e->node->verdict))
		signalled_print(e, out);
	else if (e->node->how == END_FAILED)
		fprintf(out, "It ended with exit status %llu%s%s.\n",
			(unsigned long long)figure_or_0(e->node->code), words ? "; " : "",
			words ? words : "");
	else if (e->node->how == END_COMPLETED)
		fprintf(out, "It ended with exit status 0%s%s.\n", words ? "; " : "",
			words ? words : "");
	else if (e->node->how == UNKNOWN && words)
		fprintf(out, "Its end: %s.\n", words);
}

/* --- who held the memory --- */

static void part_print(const char *name, uint64_t bytes, bool *first, FILE *out)
{
	char text[SIZE_TEXT];

	if (!figure_or_0(bytes))
		return;
	fprintf(out, "%s%s %s", *first ? "" : ", ", name, size_format(bytes, text));
	*first = false;
}

static void parts_print(const struct explain *e, FILE *out)
{
	const struct job_node *n = e->node;
	char text[SIZE_TEXT];
	bool first = true;

	if (!figure_or_0(n->footprint) || (n->private == UNKNOWN && n->shared == UNKNOWN))
		return;
	fprintf(out, "At the peak of %s it had ", size_format(n->footprint, text));
	part_print("private", n->private, &first, out);
	part_print("shared", n->shared, &first, out);
	part_print("kernel", n->kernel, &first, out);
	part_print("swap", n->swap, &first, out);
	if (figure_or_0(n->store))
		fprintf(out, "; Ray's object store is %s of the shared memory",
			size_format(n->store, text));
	fputs(".\n", out);
}

static void holders_print(const struct explain *e, FILE *out)
{
	const json_t *top = json_object_get(e->record, "top"), *one;
	char name[TITLE_SIZE], role[TITLE_SIZE], text[SIZE_TEXT];
	unsigned named = 0;
	size_t i;

	json_array_foreach (top, i, one) {
		uint64_t share = figure_or_0(figure_get(one, "share")),
			 pid = figure_get(one, "pid");
		bool is_other = !strcmp(text_of(one, "role", role), "other");

		if (named == NAMED_MOST ||
			(double)share < NAMED_PART * (double)figure_or_0(e->node->footprint))
			break;
		fprintf(out, "%s%s", named++ ? ", " : "Most of it was held by ",
			text_of(one, "name", name));
		if (pid != UNKNOWN)
			fprintf(out, " (%s%spid %llu)", is_other ? "" : role, is_other ? "" : ", ",
				(unsigned long long)pid);
		fprintf(out, " %s", size_format(share, text));
	}
	if (named)
		fputs(" (estimated parts).\n", out);
}

/* --- Slurm's figure --- */

static void rss_print(const struct explain *e, FILE *out)
{
	const struct job_node *n = e->node;
	char rss[SIZE_TEXT], shared[SIZE_TEXT];

	if (!figure_or_0(n->rss_max) || !figure_or_0(n->footprint) || n->shared == UNKNOWN ||
		(double)n->rss_max < INFLATION_SAID * (double)n->footprint ||
		n->shared < n->footprint / 10)
		return;
	fprintf(out,
		"The sum of RSS was %s, %.1f times that: it counts the %s of shared memory once "
		"for each process that uses it",
		size_format(n->rss_max, rss), (double)n->rss_max / (double)n->footprint,
		size_format(n->shared, shared));
	if (figure_or_0(n->processes))
		fprintf(out, ", and there were %llu processes", (unsigned long long)n->processes);
	fputs(".\n", out);
}

static void slurm_figure_print(const struct explain *e, FILE *out)
{
	static const char *const words[] = {
		[FIGURE_RSS] = "the sum of RSS",
		[FIGURE_PSS] = "PSS: shared memory once, and mapped files too",
		[FIGURE_FOOTPRINT] = "the footprint of each sample",
	};
	const char *made =
		e->node->slurm_figure <= FIGURE_FOOTPRINT ? words[e->node->slurm_figure] : NULL;
	char text[SIZE_TEXT];

	if (figure_or_0(e->slurm_max_rss))
		fprintf(out, "Slurm's MaxRSS is %s%s%s.\n", size_format(e->slurm_max_rss, text),
			made ? ", made of " : "", made ? made : "");
	else if (made && e->node->footprint != UNKNOWN)
		fprintf(out, "Slurm's MaxRSS of this step is made of %s.\n", made);
}

static void left_print(const struct explain *e, FILE *out)
{
	char text[SIZE_TEXT];

	if (figure_or_0(e->node->left))
		fprintf(out, "It left %s in shared memory on the node when it ended.\n",
			size_format(e->node->left, text));
}

void explain_print(const struct explain *e, FILE *out)
{
	verdict_print(e, out);
	end_print(e, out);
	parts_print(e, out);
	holders_print(e, out);
	rss_print(e, out);
	slurm_figure_print(e, out);
	explain_ray_print(json_object_get(e->record, "ray"), e->node, out);
	left_print(e, out);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "results/fields.h"
#include "results/figure.h"
#include "results/job_report.h"
#include "tools/job_advice.h"
#include "tools/report_print.h"

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

/* Rows of a screen. Where there are more, the worst are shown. */
enum { ROWS_MOST = 40, ROWS_WORST = 20 };

struct unit unit_for(uint64_t greatest)
{
	static const struct unit units[] = { { "B", 1 }, { "KiB", KIB }, { "MiB", MIB },
		{ "GiB", GIB }, { "TiB", 1024 * GIB } };
	size_t i = 0;

	greatest = figure_or_0(greatest);
	while (i + 1 < sizeof(units) / sizeof(*units) && greatest / units[i].bytes > 99999)
		i++;
	return units[i];
}

char *unit_text(struct unit u, uint64_t bytes, char buf[UNIT_TEXT])
{
	if (bytes == UNKNOWN)
		snprintf(buf, UNIT_TEXT, "-");
	else if (u.bytes == 1 || !bytes)
		snprintf(buf, UNIT_TEXT, "%" PRIu64, bytes);
	else
		snprintf(buf, UNIT_TEXT, "%.1f", (double)bytes / (double)u.bytes);
	return buf;
}

void verdict_put(enum verdict v, FILE *out)
{
	static const char *const colours[] = {
		[VERDICT_NONE] = "",
		[VERDICT_RSS_ONLY] = "\033[33m",
		[VERDICT_NEAR] = "\033[33m",
		[VERDICT_OVER] = "\033[33m",
		[VERDICT_LIMIT] = "\033[31m",
		[VERDICT_KERNEL] = "\033[31m",
	};
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
	bool refused = (no && *no) || (terminal && !strcmp(terminal, "dumb"));
	bool colour = *colours[v] && !refused && isatty(fileno(out));

	fprintf(out, "%s%s%s", colour ? colours[v] : "", verdict_name(v), colour ? "\033[0m" : "");
}

static uint64_t column_value(const struct column *c, const struct job_node *n)
{
	return *(const uint64_t *)((const char *)n + field_find(c->field)->kept);
}

/* All rows: records, or without any what the entry for sacct says, a node each. NULL: no memory. */
static struct job_node *rows_make(const struct job_found *f, size_t *n)
{
	struct job_node *rows = calloc(f->job.n + f->steps.n + 1, sizeof(*rows));

	*n = f->job.n ? f->job.n : f->steps.n;
	for (size_t i = 0; rows && i < *n; i++) {
		if (f->job.n) {
			rows[i] = f->job.nodes[i];
			continue;
		}
		job_advice_node(&f->steps.steps[i], &rows[i]);
		snprintf(rows[i].node, sizeof(rows[i].node), "%" PRIu64 " of %" PRIu64,
			f->steps.steps[i].reported, figure_or_0(f->steps.steps[i].nodes));
	}
	return rows;
}

static int worst_first(const void *a, const void *b)
{
	return job_node_worst_first(a, b);
}

static void rows_print(const struct job_node *rows, size_t n, FILE *out)
{
	uint64_t greatest = 0;
	char text[UNIT_TEXT];
	struct unit unit;

	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			greatest = figure_greater(greatest, column_value(&columns[c], &rows[i]));
	unit = unit_for(greatest);
	fprintf(out, "%-11s %-15s", "Step", "Node");
	for (size_t c = 0; c < COLUMNS; c++)
		fprintf(out, " %9s", columns[c].title);
	fprintf(out, "  OOM      (sizes in %s)\n", unit.name);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%-11s %-15s", rows[i].step, rows[i].node);
		for (size_t c = 0; c < COLUMNS; c++)
			fprintf(out, " %9s",
				unit_text(unit, column_value(&columns[c], &rows[i]), text));
		fputs("  ", out);
		verdict_put((enum verdict)rows[i].verdict, out);
		fputs(rows[i].how == END_RUNNING ? " (running)\n" : "\n", out);
	}
}

/* Prints the rows that fit a screen, or all. */
static void rows_show(struct job_node *rows, size_t n, bool all, FILE *out)
{
	bool cut = !all && n > ROWS_MOST;

	if (cut)
		qsort(rows, n, sizeof(*rows), worst_first);
	rows_print(rows, cut ? ROWS_WORST : n, out);
	if (cut)
		fprintf(out, "%zu more rows are not worse: --all shows them, --csv too.\n",
			n - ROWS_WORST);
}

static void steps_print(const struct job_report *r, FILE *out)
{
	char one[SIZE_TEXT];

	for (size_t i = 0; i < r->job->n; i++) {
		const struct job_node *n = &r->job->nodes[i];

		if (n->left && n->left != UNKNOWN)
			fprintf(out, "Step %s left %s in shared memory on %s.\n", n->step,
				size_format(n->left, one), n->node);
	}
	for (size_t i = 0; i < r->steps.n; i++) {
		const struct job_step *s = &r->steps.steps[i];

		if (s->nodes != UNKNOWN && s->reported < s->nodes)
			fprintf(out,
				"Step %s: %" PRIu64 " of its %" PRIu64 " nodes have reported.\n",
				s->step, s->reported, s->nodes);
	}
}

/* What Slurm's own MaxRSS comes from: one line, with numbers of rows where they differ. */
static void corrected_print(const struct job *job, FILE *out)
{
	static const char *const texts[] = {
		[CORRECTED_EXACT] = "the footprint (corrected: exact)",
		[CORRECTED_PSS] = "PSS (corrected: pss)",
		[CORRECTED_NO] = "what Slurm counts itself (corrected: false)",
	};
	size_t rows[sizeof(texts) / sizeof(*texts)] = { 0 };
	const char *before = "Slurm's MaxRSS is ";

	for (size_t i = 0; i < job->n; i++)
		if (job->nodes[i].corrected <= CORRECTED_EXACT)
			rows[job->nodes[i].corrected]++;
	for (size_t i = sizeof(rows) / sizeof(*rows); i-- > 0;) {
		if (!rows[i])
			continue;
		fprintf(out, "%s%s", before, texts[i]);
		if (rows[i] < job->n)
			fprintf(out, " in %zu of %zu rows", rows[i], job->n);
		before = ", ";
	}
	if (*before == ',')
		fputs(".\n", out);
}

static int whole_print(const struct job_found *f, FILE *out)
{
	char one[SIZE_TEXT], all[SIZE_TEXT];
	struct job_report report;
	int rc = job_report_make(&f->job, &report);

	if (rc)
		return rc;
	if (report.peak_of_one_node)
		fprintf(out,
			"\nJob %s: at most %s on one node, %s on all, each shared object of a node "
			"once.\n",
			f->name.id, size_format(report.peak_of_one_node, one),
			size_format(report.peak_of_nodes, all));
	else
		fprintf(out, "\nJob %s: it ended before the first sample.\n", f->name.id);
	corrected_print(&f->job, out);
	steps_print(&report, out);
	job_report_clear(&report);
	return 0;
}

static void totals_print(const struct job_found *f, FILE *out)
{
	char peak[SIZE_TEXT], rss[SIZE_TEXT];
	const struct job_totals *t = &f->steps.totals;

	fprintf(out,
		"\nJob %s: from %s, since no record of it can be read here. Node: how many of the "
		"step's nodes have reported; the figures are the highest of these.\n",
		f->name.id, f->field);
	if (t->steps)
		fprintf(out, "These are the worst of %" PRIu64 " steps: peak %s, RSS sum %s.\n",
			t->steps, size_format(figure_or_0(t->peak), peak),
			size_format(figure_or_0(t->rss), rss));
}

/* Whether sacct has a worse verdict than the records that can be read here. */
static void worse_print(const struct job_found *f, FILE *out)
{
	for (size_t i = 0; f->job.n && i < f->steps.n; i++) {
		const struct job_step *s = &f->steps.steps[i];
		enum verdict worst = VERDICT_NONE;

		for (size_t k = 0; k < f->job.n; k++)
			if (!strcmp(f->job.nodes[k].step, s->step) &&
				f->job.nodes[k].verdict > worst)
				worst = (enum verdict)f->job.nodes[k].verdict;
		if (s->oom > worst)
			fprintf(out, "Step %s: on another node its verdict was %s (from %s).\n",
				s->step, verdict_name(s->oom), f->field);
	}
}

int report_table(const struct job_found *f, bool all, FILE *out)
{
	size_t n;
	struct job_node *rows = rows_make(f, &n);
	int rc = 0;

	if (!rows)
		return -ENOMEM;
	rows_show(rows, n, all, out);
	free(rows);
	if (f->job.n)
		rc = whole_print(f, out);
	else
		totals_print(f, out);
	worse_print(f, out);
	job_found_hint(f, out);
	return rc;
}

/* A text with a comma or quotation mark is quoted; names of nodes have none, users' text is not here. */
static void csv_value(const struct field *field, uint64_t value, FILE *out)
{
	json_t *json = field_json(field, value);

	if (json_is_string(json))
		fputs(json_string_value(json), out);
	else if (!json_is_null(json))
		json_dumpf(json, out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	json_decref(json);
}

void report_csv(const struct job_found *f, bool head, FILE *out)
{
	size_t n;
	struct job_node *rows = rows_make(f, &n);

	if (head) {
		fputs("id,step,node", out);
		for (const struct field *field = fields; field->name; field++)
			if (field->kept)
				fprintf(out, ",%s", field->name);
		fputc('\n', out);
	}
	for (size_t i = 0; rows && i < n; i++) {
		fprintf(out, "%s,%s,%s", f->name.id, rows[i].step, rows[i].node);
		for (const struct field *field = fields; field->name; field++) {
			if (!field->kept)
				continue;
			fputc(',', out);
			csv_value(field, *(const uint64_t *)((const char *)&rows[i] + field->kept),
				out);
		}
		fputc('\n', out);
	}
	free(rows);
}

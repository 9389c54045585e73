/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "results/figure.h"
#include "results/task_sums.h"
#include "tools/report_print.h"

/* Of a task's name, which Ray's users choose. */
enum { NAME_SIZE = 128, NAME_WIDTH = 32 };

static void text_read(const json_t *object, const char *key, char *buf, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	text_clean(buf, size, text ? text : "?", text ? strlen(text) : 1);
}

static void task_row(const struct task_sum *t, struct unit unit, FILE *out)
{
	const struct usage *one = &t->private;
	const uint64_t figures[] = { usage_mean(one), usage_quantile(one, 0.5),
		usage_quantile(one, 0.95), one->peak };
	char text[UNIT_TEXT];

	fprintf(out, "%-*s %-8s %9" PRIu64, NAME_WIDTH, t->name, t->kind, t->processes);
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		fprintf(out, " %9s", unit_text(unit, t->is_measured ? figures[i] : UNKNOWN, text));
	fprintf(out, " %9s\n", unit_text(unit, t->together, text));
}

static const struct list_size whole = { .most = SIZE_MAX, .name_width = NAME_WIDTH };

/* Prints at most so many characters of a name; -1 = all. */
static int name_most(const struct list_size *size)
{
	return size->cut ? size->name_width : -1;
}

/* step: NULL = all steps of the job. */
static void tasks_print(struct task_sums *s, const char *step, FILE *out)
{
	struct unit unit;

	if (!s->n)
		return;
	task_sums_sort(s);
	unit = unit_for(s->list[0].together);
	fprintf(out, "\n%s%s: what one process of each name took, without Ray's store (%s)\n",
		step ? "Step " : "All steps", step ? step : "", unit.name);
	fprintf(out, "%-*s %-8s %9s %9s %9s %9s %9s %9s\n", NAME_WIDTH, "Name", "Kind", "Processes",
		"Average", "p50", "p95", "Peak", "Together");
	for (size_t i = 0; i < s->n; i++)
		task_row(&s->list[i], unit, out);
	if (s->left_out)
		fprintf(out, "(%zu entries of further names are left out)\n", s->left_out);
}

/* In a terminal's width: without averages and medians. */
static void task_short_row(
	const struct task_sum *t, struct unit unit, const struct list_size *size, FILE *out)
{
	const uint64_t figures[] = { t->is_measured ? usage_quantile(&t->private, 0.95) : UNKNOWN,
		t->is_measured ? t->private.peak : UNKNOWN, t->together };
	char text[UNIT_TEXT];

	fprintf(out, "%-*.*s %-8s %9" PRIu64, size->name_width, name_most(size), t->name, t->kind,
		t->processes);
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		fprintf(out, " %9s", unit_text(unit, figures[i], text));
	fputc('\n', out);
}

void tasks_table(const json_t *tasks, struct unit unit, const struct list_size *size, FILE *out)
{
	struct task_sums sums = { 0 };

	task_sums_add(&sums, tasks);
	task_sums_sort(&sums);
	fprintf(out, "%-*s %-8s %9s %9s %9s %9s\n", size->name_width, "Name", "Kind", "Processes",
		"p95", "Peak", "Together");
	for (size_t i = 0; i < sums.n && i < size->most; i++)
		task_short_row(&sums.list[i], unit, size, out);
	task_sums_clear(&sums);
}

void report_tasks(const struct job_found *f, FILE *out)
{
	struct task_sums all = { 0 };
	unsigned steps = 0;

	for (size_t i = 0, end; i < f->job.n; i = end) {
		struct task_sums sums = { 0 };

		for (end = i;
			end < f->job.n && !strcmp(f->job.nodes[end].step, f->job.nodes[i].step);
			end++) {
			const json_t *tasks = json_object_get(f->job.nodes[end].lists, "tasks");

			task_sums_add(&sums, tasks);
			task_sums_add(&all, tasks);
		}
		steps += sums.n > 0;
		tasks_print(&sums, f->job.nodes[i].step, out);
		task_sums_clear(&sums);
	}
	if (steps > 1)
		tasks_print(&all, NULL, out);
	task_sums_clear(&all);
}

static void top_row(const json_t *value, struct unit unit, const struct list_size *size, FILE *out)
{
	uint64_t pid = figure_get(value, "pid");
	char name[NAME_SIZE], role[16], number[24] = "-", share[UNIT_TEXT], rss[UNIT_TEXT];

	text_read(value, "name", name, sizeof(name));
	text_read(value, "role", role, sizeof(role));
	if (pid != UNKNOWN)
		snprintf(number, sizeof(number), "%" PRIu64, pid);
	fprintf(out, "%-*.*s %-8s %9s %9s %9s\n", size->name_width, name_most(size), name, role,
		number, unit_text(unit, figure_get(value, "share"), share),
		unit_text(unit, figure_get(value, "rss"), rss));
}

void top_table(const json_t *top, struct unit unit, const struct list_size *size, FILE *out)
{
	const json_t *value;
	size_t i;

	fprintf(out, "%-*s %-8s %9s %9s %9s\n", size->name_width, "Name", "Role", "PID",
		"Est. part", "RSS");
	json_array_foreach (top, i, value) {
		if (i == size->most)
			break;
		top_row(value, unit, size, out);
	}
}

void report_top(const struct job_found *f, FILE *out)
{
	for (size_t i = 0; i < f->job.n; i++) {
		const struct job_node *n = &f->job.nodes[i];
		const json_t *top = json_object_get(n->lists, "top");
		struct unit unit = unit_for(figure_greater(n->footprint, n->rss_max));

		if (!json_array_size(top))
			continue;
		fprintf(out, "\nStep %s on %s: the largest processes near the peak (%s)\n", n->step,
			n->node, unit.name);
		top_table(top, unit, &whole, out);
	}
}

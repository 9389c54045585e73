/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/figure.h"
#include "tools/report_print.h"

/* Of a task's name, which Ray's users choose. */
enum { NAME_SIZE = 128, NAME_WIDTH = 32 };

/* What processes of one name took on all nodes of a step. */
struct task {
	char name[NAME_SIZE];
	char kind[16];
	uint64_t processes; /* the most at a time on each node, added up */
	uint64_t peak; /* of one process */
	uint64_t p95; /* the greatest of all nodes */
	uint64_t together; /* the greatest on one node */
};

struct tasks {
	struct task *list; /* allocated */
	size_t n;
};

static void text_read(const json_t *object, const char *key, char *buf, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	text_clean(buf, size, text ? text : "?", text ? strlen(text) : 1);
}

static struct task *task_find(struct tasks *t, const struct task *like)
{
	struct task *list = t->list;

	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(list[i].name, like->name) && !strcmp(list[i].kind, like->kind))
			return &list[i];
	/* Room for a power of two. */
	if ((t->n & (t->n - 1)) == 0)
		list = realloc(list, (t->n ? 2 * t->n : 1) * sizeof(*list));
	if (!list)
		return NULL;
	t->list = list;
	list[t->n] = *like;
	return &list[t->n++];
}

/* Adds one name of a record. Records of older releases have no figures of one process. */
static void task_add(struct tasks *t, const json_t *value)
{
	const json_t *private = json_object_get(value, "private");
	const json_t *together = json_object_get(value, "together");
	struct task like = { .peak = UNKNOWN, .p95 = UNKNOWN, .together = UNKNOWN }, *task;

	text_read(value, "name", like.name, sizeof(like.name));
	text_read(value, "kind", like.kind, sizeof(like.kind));
	task = task_find(t, &like);
	if (!task)
		return;
	task->processes += figure_or_0(figure_get(value, "processes"));
	task->peak = figure_greater(task->peak, figure_get(private, "peak"));
	task->p95 = figure_greater(task->p95, figure_get(private, "p95"));
	task->together =
		figure_greater(task->together, figure_get(together ? together : value, "peak"));
}

static int task_order(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	uint64_t m = figure_or_0(x->together), n = figure_or_0(y->together);

	if (m != n)
		return m > n ? -1 : 1;
	return strcmp(x->name, y->name);
}

static const struct list_size whole = { .most = SIZE_MAX, .name_width = NAME_WIDTH };

/* Prints at most so many characters of a name; -1 = all. */
static int name_most(const struct list_size *size)
{
	return size->cut ? size->name_width : -1;
}

static void tasks_rows(struct tasks *t, struct unit unit, const struct list_size *size, FILE *out)
{
	char peak[UNIT_TEXT], p95[UNIT_TEXT], together[UNIT_TEXT];

	fprintf(out, "%-*s %-8s %9s %9s %9s %9s\n", size->name_width, "Name", "Kind", "Processes",
		"p95", "Peak", "Together");
	for (size_t i = 0; i < t->n && i < size->most; i++) {
		const struct task *x = &t->list[i];

		fprintf(out, "%-*.*s %-8s %9" PRIu64 " %9s %9s %9s\n", size->name_width,
			name_most(size), x->name, x->kind, x->processes,
			unit_text(unit, x->p95, p95), unit_text(unit, x->peak, peak),
			unit_text(unit, x->together, together));
	}
}

static void tasks_print(struct tasks *t, const char *step, FILE *out)
{
	struct unit unit;

	if (!t->n)
		return;
	qsort(t->list, t->n, sizeof(*t->list), task_order);
	unit = unit_for(t->list[0].together);
	fprintf(out, "\nStep %s: what one process of each name took, without Ray's store (%s)\n",
		step, unit.name);
	tasks_rows(t, unit, &whole, out);
}

void tasks_table(const json_t *tasks, struct unit unit, const struct list_size *size, FILE *out)
{
	struct tasks t = { 0 };
	const json_t *value;
	size_t i;

	json_array_foreach (tasks, i, value)
		task_add(&t, value);
	if (t.n)
		qsort(t.list, t.n, sizeof(*t.list), task_order);
	tasks_rows(&t, unit, size, out);
	free(t.list);
}

void report_tasks(const struct job_found *f, FILE *out)
{
	for (size_t i = 0, end; i < f->job.n; i = end) {
		struct tasks tasks = { 0 };
		const json_t *value;
		size_t k;

		for (end = i;
			end < f->job.n && !strcmp(f->job.nodes[end].step, f->job.nodes[i].step);
			end++)
			json_array_foreach (
				json_object_get(f->job.nodes[end].lists, "tasks"), k, value)
				task_add(&tasks, value);
		tasks_print(&tasks, f->job.nodes[i].step, out);
		free(tasks.list);
	}
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/top/top_text.h"

#include <inttypes.h>
#include <time.h>

#include "base/units.h"
#include "results/figure.h"
#include "results/live_text.h"
#include "tools/report_print.h"

enum {
	HEAD_LINES = 7, /* of a view, before its lists */
	LIST_LINES = 3, /* of a list, without its rows */
	ROWS_LEAST = 3, /* of a list that is shown at all */
	BAR_MOST = 60,
	/* What the tables need beside a name, and the least and most for a name. */
	TABLE_REST = 49,
	NAME_LEAST = 16,
	NAME_MOST = 80,
};

static const char *level_word(uint64_t level)
{
	static const char *const words[] = {
		[LIVE_CALM] = "calm",
		[LIVE_RISING] = "rising",
		[LIVE_HIGH] = "high",
		[LIVE_CRITICAL] = "critical",
	};

	return level <= LIVE_CRITICAL ? words[level] : NULL;
}

static const char *size_or_dash(uint64_t bytes, char buf[SIZE_TEXT])
{
	return bytes == UNKNOWN ? "-" : size_format(bytes, buf);
}

static void title_put(const struct top_view *v, FILE *out)
{
	const struct live_step *s = &v->step;
	uint64_t seconds = figure_or_0(s->figures.elapsed_ms) / 1000;

	if (v->pid)
		fprintf(out, "Process %d and its descendants, measured for ", v->pid);
	else
		fprintf(out, "Step %" PRIu32 ".%s on %s, user %s, for ", s->name.job, s->name.step,
			s->name.node, *s->user ? s->user : "not known");
	fprintf(out, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600, seconds / 60 % 60,
		seconds % 60);
	if (!v->pid && s->age_ms != UNKNOWN)
		fprintf(out, ", sample %.1f s old", (double)s->age_ms / 1e3);
	fputc('\n', out);
}

static void bar_put(const struct live *f, unsigned columns, FILE *out)
{
	unsigned room = columns / 2 < BAR_MOST ? columns / 2 : BAR_MOST, full;
	char used[SIZE_TEXT], limit[SIZE_TEXT];
	double part;

	fprintf(out, "Footprint  %s", size_or_dash(f->footprint, used));
	if (f->limit == UNKNOWN || !f->limit || f->footprint == UNKNOWN) {
		fputs(", no limit\n", out);
		return;
	}
	part = (double)f->footprint / (double)f->limit;
	full = part < 1 ? (unsigned)(part * room) : room;
	fprintf(out, " of %s [", size_format(f->limit, limit));
	for (unsigned i = 0; i < room; i++)
		fputc(i < full ? '#' : '.', out);
	fprintf(out, "] %.0f %%\n", part * 100);
}

static void level_put(const struct live *f, FILE *out)
{
	const char *word = level_word(f->level);
	char size[SIZE_TEXT];

	if (word)
		fprintf(out, "Level      %s, %s below the limit, ", word,
			size_or_dash(f->headroom, size));
	else
		fputs("Growth     ", out);
	if (figure_or_0(f->growth))
		fprintf(out, "grows by %s/s\n", size_format(f->growth, size));
	else
		fputs("does not grow\n", out);
}

static void parts_put(const struct live *f, FILE *out)
{
	char text[4][SIZE_TEXT];

	fprintf(out, "Parts      private %s, shared %s, kernel %s, swapped out %s\n",
		size_or_dash(f->private, text[0]), size_or_dash(f->shared, text[1]),
		size_or_dash(f->kernel, text[2]), size_or_dash(f->swap, text[3]));
	fprintf(out, "Peak       %s; Ray object store %s, in shared\n",
		size_or_dash(f->peak, text[0]), size_or_dash(f->store, text[1]));
	fprintf(out, "Beside     sum of RSS %s, mapped files %s\n", size_or_dash(f->rss, text[0]),
		size_or_dash(f->file, text[1]));
}

static void processes_put(const struct top_view *v, FILE *out)
{
	const struct live *f = &v->step.figures;

	fprintf(out, "Processes  %" PRIu64, figure_or_0(f->processes));
	if (figure_or_0(v->unreadable))
		fprintf(out, ", of which %" PRIu64 " cannot be read and count by their RSS",
			v->unreadable);
	fputc('\n', out);
}

/* Says which time the list is of, and how much of it is shown. */
static void list_title(const struct top_view *v, const char *what, size_t shown, size_t all,
	struct unit unit, FILE *out)
{
	time_t at = (time_t)v->lists_s;
	char clock[16] = "";
	struct tm tm;

	if (at && localtime_r(&at, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	fprintf(out, "\n%s%s%s (%s)", what, *clock ? ", by the record of " : "", clock, unit.name);
	if (shown < all)
		fprintf(out, ", %zu of %zu", shown, all);
	fputc('\n', out);
}

/* How the lines below the head are shared out: rows of processes, and of tasks. */
static void rows_share(const struct top_view *v, unsigned lines, size_t *processes, size_t *tasks)
{
	size_t have = lines > HEAD_LINES ? lines - HEAD_LINES : 0;

	*processes = json_array_size(v->top);
	*tasks = json_array_size(v->tasks);
	if (*tasks && have < 2 * (LIST_LINES + ROWS_LEAST))
		*tasks = 0;
	if (*tasks) {
		size_t most = (have - 2 * LIST_LINES) / 2;

		/* Processes get half, and what the tasks leave. */
		if (*tasks > most)
			*tasks = *processes < most ? have - 2 * LIST_LINES - *processes : most;
		have -= LIST_LINES + *tasks;
	}
	if (have < LIST_LINES + 1)
		*processes = 0;
	else if (*processes > have - LIST_LINES)
		*processes = have - LIST_LINES;
}

void top_text_view(const struct top_view *v, unsigned columns, unsigned lines, FILE *out)
{
	const struct live *f = &v->step.figures;
	struct unit unit = unit_for(figure_greater(f->peak, f->rss));
	int width = (int)columns - TABLE_REST;
	struct list_size size = { .cut = true };
	size_t processes, tasks;

	size.name_width = width < NAME_LEAST ? NAME_LEAST : width > NAME_MOST ? NAME_MOST : width;
	rows_share(v, lines, &processes, &tasks);
	title_put(v, out);
	bar_put(f, columns, out);
	level_put(f, out);
	parts_put(f, out);
	processes_put(v, out);
	if (!v->top && !v->tasks)
		fputs("\nNo record of this step can be read yet: its processes are not known.\n",
			out);
	if (processes) {
		list_title(v, v->lists_s ? "Largest processes near the peak" : "Largest processes",
			processes, json_array_size(v->top), unit, out);
		size.most = processes;
		top_table(v->top, unit, &size, out);
	}
	if (tasks) {
		list_title(v, "Processes by name, without Ray's store", tasks,
			json_array_size(v->tasks), unit, out);
		size.most = tasks;
		tasks_table(v->tasks, unit, &size, out);
	}
}

void top_text_choice(const struct top_views *views, size_t selected, unsigned lines, FILE *out)
{
	size_t first = selected < lines / 2 ? 0 : selected - lines / 2;

	if (first + lines > views->n)
		first = views->n > lines ? views->n - lines : 0;
	for (size_t i = first; i < views->n && i < first + lines; i++) {
		const struct live_step *s = &views->list[i].step;
		const char *word = level_word(s->figures.level);
		char used[SIZE_TEXT], limit[SIZE_TEXT];

		fprintf(out, "%c %" PRIu32 ".%-11s %-15.15s %-12.12s %10s of %-10s %s\n",
			i == selected ? '>' : ' ', s->name.job, s->name.step, s->name.node, s->user,
			size_or_dash(s->figures.footprint, used),
			size_or_dash(s->figures.limit, limit), word ? word : "");
	}
}

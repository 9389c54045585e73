/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/plot/plot_data.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "results/step_info.h"
#include "results/task_sums.h"

#define PLOT_KILL "kernel OOM kill"

/* Characters of a name, and of all names: the line of a terminal with 80 columns. */
enum { LARGEST_NAME = 24, LARGEST_WIDTH = 66 };

static const json_t *part(const json_t *record, const char *object, const char *name)
{
	return json_object_get(object ? json_object_get(record, object) : record, name);
}

static uint64_t bytes(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0
		? (uint64_t)json_integer_value(value)
		: UNKNOWN;
}

static const char *word(const json_t *value)
{
	return json_is_string(value) ? json_string_value(value) : "";
}

static void clean(char dst[PLOT_TEXT], const char *text)
{
	text_clean(dst, PLOT_TEXT, text, strlen(text));
}

/* node: " on n1" or "". */
static void title_write(
	const json_t *record, const struct plot_data *d, const char *node, char dst[PLOT_TEXT])
{
	const json_t *job = json_object_get(record, "job");
	char peak[SIZE_TEXT] = "?", limit[SIZE_TEXT + 8] = "", size[SIZE_TEXT], text[PLOT_TEXT];
	size_t n = 0;

	if (json_is_integer(job))
		n = (size_t)snprintf(text, sizeof(text),
			"Job %" JSON_INTEGER_FORMAT ", step %.31s%s: ", json_integer_value(job),
			word(json_object_get(record, "step")), node);
	if (d->peak != UNKNOWN)
		size_format(d->peak, peak);
	if (d->limit != UNKNOWN)
		snprintf(limit, sizeof(limit), " of %s", size_format(d->limit, size));
	snprintf(text + n, sizeof(text) - n, "peak %s%s, oom %.15s", peak, limit,
		word(part(record, "oom", "verdict")));
	clean(dst, text);
}

static void titles_make(const json_t *record, struct plot_data *out)
{
	char node[NODE_SIZE + 8];

	snprintf(node, sizeof(node), " on %.63s", word(json_object_get(record, "node")));
	title_write(record, out, node, out->title);
	title_write(record, out, "", out->title_alone);
	if (json_is_integer(json_object_get(record, "job")))
		clean(out->node, node + 1);
}

/* seconds: a number, or else the mark is at the end. */
static void mark_add(struct plot_data *out, const json_t *seconds, const char *text)
{
	struct plot_mark *m = &out->marks[out->marks_n++];

	m->seconds = json_is_number(seconds) && json_number_value(seconds) >= 0
		? json_number_value(seconds)
		: out->elapsed;
	text_clean(m->text, sizeof(m->text), text, strlen(text));
}

/* The end is no mark of its own where the kernel's kill was the end. */
static bool kill_is_the_end(const struct plot_data *d, const char *signal)
{
	return d->marks_n && !strcmp(d->marks[d->marks_n - 1].text, PLOT_KILL) &&
		!strcmp(signal, "KILL") &&
		d->elapsed - d->marks[d->marks_n - 1].seconds <= 0.1 * d->elapsed;
}

static void marks_make(const json_t *record, struct plot_data *out)
{
	const json_t *kills = part(record, "oom", "kills"),
		     *notified = part(record, NULL, "notified");
	const char *how = word(part(record, "end", "how"));
	const char *signal = word(part(record, "end", "signal"));
	char text[sizeof(out->marks->text)];

	if (json_is_number(notified))
		mark_add(out, notified, "signal sent (notify)");
	if (json_integer_value(kills) > 0 ||
		!strcmp(word(part(record, "oom", "verdict")), "kernel"))
		mark_add(out, part(record, "oom", "at"), PLOT_KILL);
	if (!strcmp(how, "signalled") && !kill_is_the_end(out, signal)) {
		snprintf(text, sizeof(text), *signal ? "ended by SIG%.15s" : "ended by a signal",
			signal);
		mark_add(out, NULL, text);
	} else if (!strcmp(how, "failed") || !strcmp(how, "lost")) {
		mark_add(out, NULL, how);
	}
}

/* Appends "NAME SIZE"; false where there is no room. */
static bool largest_add(char *text, const char *name, uint64_t processes, uint64_t size)
{
	char one[PLOT_TEXT], number[SIZE_TEXT], times[24] = "";
	bool cut = strlen(name) > LARGEST_NAME;
	size_t n = strlen(text);

	if (size == UNKNOWN)
		return true;
	if (processes > 1)
		snprintf(times, sizeof(times), " (%" PRIu64 ")", processes);
	snprintf(one, sizeof(one), "%s%.*s%s%s %s", n ? ", " : "",
		cut ? LARGEST_NAME - 2 : LARGEST_NAME, name, cut ? ".." : "", times,
		size_format(size, number));
	if (n + strlen(one) > LARGEST_WIDTH)
		return false;
	snprintf(text + n, PLOT_TEXT - n, "%s", one);
	return true;
}

/* Names with all their processes together. */
static void largest_tasks(const json_t *tasks, char *text)
{
	struct task_sums sums = { 0 };

	task_sums_add(&sums, tasks);
	task_sums_sort(&sums);
	for (size_t i = 0; i < sums.n; i++) {
		const struct task_sum *t = &sums.list[i];

		if (!largest_add(text, t->name, t->processes, t->together))
			break;
	}
	task_sums_clear(&sums);
}

static void largest_processes(const json_t *top, char *text)
{
	const json_t *process;
	size_t i;

	json_array_foreach (top, i, process)
		if (!largest_add(text, word(json_object_get(process, "name")), 1,
			    bytes(json_object_get(process, "share"))))
			break;
}

static void largest_make(const json_t *record, struct plot_data *out)
{
	char text[PLOT_TEXT] = "", line[PLOT_TEXT + 16];

	largest_tasks(json_object_get(record, "tasks"), text);
	if (!*text)
		largest_processes(json_object_get(record, "top"), text);
	if (!*text)
		return;
	snprintf(line, sizeof(line), "Largest: %s", text);
	clean(out->largest, line);
}

/* [seconds, footprint, rss] of schema 1, or an object. False for what is neither. */
static bool point_read(const json_t *value, struct plot_point *p)
{
	bool is_old = json_is_array(value);
	const json_t *at = is_old ? json_array_get(value, 0) : json_object_get(value, "seconds");

	if (!json_is_number(at))
		return false;
	*p = (struct plot_point){
		.seconds = json_number_value(at),
		.footprint = bytes(
			is_old ? json_array_get(value, 1) : json_object_get(value, "footprint")),
		.private = bytes(json_object_get(value, "private")),
		.shared = bytes(json_object_get(value, "shared")),
		.kernel = bytes(json_object_get(value, "kernel")),
		.rss = bytes(is_old ? json_array_get(value, 2) : json_object_get(value, "rss")),
	};
	return p->seconds >= 0 && p->footprint != UNKNOWN;
}

static void series_read(const json_t *series, struct plot_data *out)
{
	const json_t *value;
	size_t i;

	out->has_parts = true;
	json_array_foreach (series, i, value) {
		struct plot_point *p = &out->points[out->n];

		if (out->n == PLOT_POINTS)
			return;
		if (!point_read(value, p))
			continue;
		out->n++;
		if (p->private == UNKNOWN || p->shared == UNKNOWN || p->kernel == UNKNOWN)
			out->has_parts = false;
	}
}

int plot_data_read(const json_t *record, struct plot_data *out)
{
	const json_t *at = part(record, "peak", "at");

	if (!json_is_object(json_object_get(record, "peak")))
		return -EINVAL;
	*out = (struct plot_data){
		.elapsed = json_number_value(json_object_get(record, "elapsed")),
		.peak_at = json_is_number(at) ? json_number_value(at) : -1,
		.peak = bytes(part(record, "peak", "footprint")),
		.limit = bytes(json_object_get(record, "limit")),
	};
	titles_make(record, out);
	marks_make(record, out);
	largest_make(record, out);
	series_read(json_object_get(record, "series"), out);
	return out->n ? 0 : -ENODATA;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return b != UNKNOWN && b > a ? b : a;
}

uint64_t plot_data_greatest(const struct plot_data *d)
{
	uint64_t most = greater(0, d->limit);

	for (size_t i = 0; i < d->n; i++)
		most = greater(greater(most, d->points[i].footprint), d->points[i].rss);
	return greater(most, d->peak);
}

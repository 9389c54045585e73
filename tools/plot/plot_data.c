/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/plot/plot_data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

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

static void title_make(const json_t *record, struct plot_data *out)
{
	const json_t *job = json_object_get(record, "job");
	char peak[SIZE_TEXT] = "?", limit[SIZE_TEXT + 8] = "", size[SIZE_TEXT], text[PLOT_TEXT];
	size_t n = 0;

	if (json_is_integer(job))
		n = (size_t)snprintf(text, sizeof(text),
			"Job %" JSON_INTEGER_FORMAT ", step %.31s on %.63s: ",
			json_integer_value(job), word(json_object_get(record, "step")),
			word(json_object_get(record, "node")));
	if (out->peak != UNKNOWN)
		size_format(out->peak, peak);
	if (out->limit != UNKNOWN)
		snprintf(limit, sizeof(limit), " of %s", size_format(out->limit, size));
	snprintf(text + n, sizeof(text) - n, "peak %s%s, oom %.15s", peak, limit,
		word(part(record, "oom", "verdict")));
	clean(out->title, text);
}

static void end_make(const json_t *record, struct plot_data *out)
{
	const char *verdict = word(part(record, "oom", "verdict"));
	const char *how = word(part(record, "end", "how"));
	const char *signal = word(part(record, "end", "signal"));
	char text[PLOT_TEXT] = "";

	if (!strcmp(verdict, "kernel"))
		snprintf(text, sizeof(text), "kernel OOM kill");
	else if (!strcmp(how, "signalled"))
		snprintf(text, sizeof(text), "ended by SIG%.15s", signal);
	else if (!strcmp(how, "failed") || !strcmp(how, "lost"))
		snprintf(text, sizeof(text), "%s", how);
	clean(out->end, text);
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
	title_make(record, out);
	end_make(record, out);
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/task_sums.h"

#include <stdlib.h>
#include <string.h>

#include "account/histogram.h"
#include "base/text.h"
#include "base/units.h"
#include "results/figure.h"

static void text_read(const json_t *object, const char *key, char *buf, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	text_clean(buf, size, text ? text : "?", text ? strlen(text) : 1);
}

/* A bucket's time in ms; what no bucket can hold is cut. */
static uint64_t milliseconds(const json_t *seconds)
{
	double ms = json_number_value(seconds) * 1e3 + 0.5;

	if (!(ms >= 1))
		return 0;
	return ms < UINT32_MAX ? (uint64_t)ms : UINT32_MAX;
}

/* The average of a record is exact, its histogram is not: the sum comes from the average. */
static void usage_read(const json_t *private, struct usage *out)
{
	const json_t *bucket;
	size_t i;

	*out = (struct usage){ .peak = figure_or_0(figure_get(private, "peak")) };
	json_array_foreach (json_object_get(private, "histogram"), i, bucket) {
		uint64_t lowest = figure_get(bucket, "bytes");
		uint64_t ms = milliseconds(json_object_get(bucket, "seconds"));

		if (i == USAGE_BUCKETS)
			break;
		if (lowest == UNKNOWN || !ms)
			continue;
		/* A record has whole bytes, cut off: one more is surely in the bucket. */
		histogram_add(out->buckets, USAGE_BUCKETS, USAGE_OCTAVE, lowest + 1, ms);
		out->weight += ms;
	}
	out->sum = (double)figure_or_0(figure_get(private, "avg")) * (double)out->weight;
}

static struct task_sum *sum_find(struct task_sums *s, const struct task_sum *like)
{
	struct task_sum *list = s->list;

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(list[i].name, like->name) && !strcmp(list[i].kind, like->kind))
			return &list[i];
	if (s->n == TASK_SUMS_MOST)
		return NULL;
	/* Room for a power of two. */
	if ((s->n & (s->n - 1)) == 0)
		list = realloc(list, (s->n ? 2 * s->n : 1) * sizeof(*list));
	if (!list)
		return NULL;
	s->list = list;
	list[s->n] = *like;
	return &list[s->n++];
}

static void task_add(struct task_sums *s, const json_t *task)
{
	const json_t *private = json_object_get(task, "private");
	const json_t *together = json_object_get(task, "together");
	struct task_sum like = { .together = UNKNOWN }, *sum;
	struct usage usage;

	text_read(task, "name", like.name, sizeof(like.name));
	text_read(task, "kind", like.kind, sizeof(like.kind));
	sum = sum_find(s, &like);
	if (!sum) {
		s->left_out++;
		return;
	}
	sum->processes += figure_or_0(figure_get(task, "processes"));
	/* Records of old releases have the sum's figures beside the name. */
	sum->together =
		figure_greater(sum->together, figure_get(together ? together : task, "peak"));
	if (figure_get(private, "peak") == UNKNOWN)
		return;
	usage_read(private, &usage);
	usage_merge(&sum->private, &usage);
	sum->is_measured = 1;
}

void task_sums_add(struct task_sums *s, const json_t *tasks)
{
	const json_t *task;
	size_t i;

	json_array_foreach (tasks, i, task)
		task_add(s, task);
}

static int sum_order(const void *a, const void *b)
{
	const struct task_sum *x = a, *y = b;
	uint64_t m = figure_or_0(x->together), n = figure_or_0(y->together);

	if (m != n)
		return m > n ? -1 : 1;
	return strcmp(x->name, y->name);
}

void task_sums_sort(struct task_sums *s)
{
	if (s->n)
		qsort(s->list, s->n, sizeof(*s->list), sum_order);
}

void task_sums_clear(struct task_sums *s)
{
	free(s->list);
	*s = (struct task_sums){ 0 };
}

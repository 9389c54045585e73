/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_field.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of a job with more steps than fit. */
enum { WORST_STEPS = 10 };

static json_t *text_load(const char *text)
{
	if (!text || !*text)
		return json_object();
	return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

static json_int_t integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_int_t peak_of(const json_t *entry)
{
	return integer(entry, "peak");
}

struct worst {
	const char *step;
	json_t *entry;
};

static bool has_flag(const json_t *entry)
{
	const char *oom = json_string_value(json_object_get(entry, "oom"));

	return oom && strcmp(oom, "none");
}

/* Memory flags first: they are what is looked for; then by size. */
static int entry_order(const json_t *a, const json_t *b)
{
	if (has_flag(a) != has_flag(b))
		return has_flag(a) ? -1 : 1;
	return peak_of(a) > peak_of(b) ? -1 : peak_of(a) < peak_of(b);
}

static int worst_order(const void *a, const void *b)
{
	return entry_order(((const struct worst *)a)->entry, ((const struct worst *)b)->entry);
}

static json_int_t greater(json_int_t a, json_int_t b)
{
	return a > b ? a : b;
}

/*
 * What is left of all steps where only the worst are named. The steps that a merge before left out
 * may or may not be among those of this one, so their numbers do not add up: the greater counts.
 */
static json_t *totals_of(const json_t *ours, const json_t *steps)
{
	const json_t *before = json_object_get(ours, "totals");
	json_int_t peak = peak_of(before), rss = integer(before, "rss");
	json_t *entry;
	const char *step;

	json_object_foreach ((json_t *)steps, step, entry) {
		peak = greater(peak, peak_of(entry));
		rss = greater(rss, integer(entry, "rss"));
	}
	return json_pack("{s:I, s:I, s:I}", "steps",
		greater(integer(before, "steps"), (json_int_t)json_object_size(steps)), "peak",
		peak, "rss", rss);
}

/* Cuts ours down to the worst steps and totals. */
static int cut(json_t *ours)
{
	json_t *steps = json_object_get(ours, "steps"), *kept = json_object(), *entry;
	size_t n = json_object_size(steps), i = 0;
	struct worst *order = calloc(n ? n : 1, sizeof(*order));
	const char *step;

	if (!order || !kept) {
		free(order);
		json_decref(kept);
		return -ENOMEM;
	}
	json_object_foreach (steps, step, entry)
		order[i++] = (struct worst){ step, entry };
	qsort(order, n, sizeof(*order), worst_order);
	for (i = 0; i < n && i < WORST_STEPS; i++)
		json_object_set(kept, order[i].step, order[i].entry);
	free(order);
	json_object_set_new(ours, "totals", totals_of(ours, steps));
	return json_object_set_new(ours, "steps", kept) ? -ENOMEM : 0;
}

static size_t text_size(const json_t *value)
{
	return json_dumpb(value, NULL, 0, JSON_COMPACT);
}

/* Ours inside the field, made anew where it is missing, of an earlier run or not what we write. */
static json_t *ours_of(json_t *field, uint32_t restart)
{
	json_t *ours = json_object_get(field, FIELD_KEY);

	if (!json_is_object(json_object_get(ours, "steps")) ||
		integer(ours, "restart") != restart) {
		ours = json_pack("{s:i, s:{}}", "v", FIELD_VERSION, "steps");
		if (restart)
			json_object_set_new(ours, "restart", json_integer(restart));
		json_object_set_new(field, FIELD_KEY, ours);
	}
	return ours;
}

/*
 * Where writers overlap, an older view of a step must not replace a newer one: that which knows of
 * more nodes' ends. Of as many but not all of them, as nodes with spools of their own see it, the
 * worse stays, whoever comes last.
 */
static bool replaces(const json_t *entry, const json_t *have)
{
	json_int_t reported = integer(entry, "reported"), before = integer(have, "reported");

	if (reported != before)
		return reported > before;
	return reported >= integer(entry, "nodes") || entry_order(entry, have) <= 0;
}

static int steps_update(json_t *steps, const json_t *entries)
{
	const char *step;
	json_t *entry;
	int rc = 0;

	json_object_foreach ((json_t *)entries, step, entry) {
		const json_t *have = json_object_get(steps, step);

		if (!have || replaces(entry, have))
			rc |= json_object_set(steps, step, entry);
	}
	return rc ? -ENOMEM : 0;
}

/* The field as it would be, or NULL with *error set. */
static json_t *merge(const char *text, uint32_t restart, const json_t *entries, int *error)
{
	json_t *field = text_load(text), *ours;

	*error = json_is_object(field) ? 0 : -EEXIST;
	if (*error == 0) {
		ours = ours_of(field, restart);
		*error = steps_update(json_object_get(ours, "steps"), entries);
		if (*error == 0 &&
			(text_size(ours) > FIELD_SIZE || json_object_get(ours, "totals")))
			*error = cut(ours);
		if (*error == 0 && text_size(ours) > FIELD_SIZE)
			*error = -E2BIG;
	}
	if (*error == 0)
		return field;
	json_decref(field);
	return NULL;
}

int field_merge(const char *text, uint32_t restart, const json_t *entries, char **merged)
{
	int rc;
	json_t *field = merge(text, restart, entries, &rc);

	if (!field)
		return rc;
	*merged = json_dumps(field, JSON_COMPACT);
	json_decref(field);
	return *merged ? 0 : -ENOMEM;
}

bool field_holds(const char *text, uint32_t restart, const json_t *entries)
{
	json_t *now = text_load(text), *then;
	bool holds;
	int rc;

	then = merge(text, restart, entries, &rc);
	holds = then && json_equal(now, then);
	json_decref(now);
	json_decref(then);
	return holds;
}

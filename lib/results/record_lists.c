/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record_lists.h"

#include <stdlib.h>

#include "account/histogram.h"
#include "base/units.h"

static json_t *number(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer((json_int_t)value);
}

/* Milliseconds are enough and keep the text short. */
static json_t *seconds(uint64_t ns)
{
	return json_real((double)(ns / NS_PER_MS) / 1e3);
}

json_t *record_victims(const struct record *r)
{
	const struct account *a = r->account;
	json_t *victims = json_array();

	for (uint32_t i = 0; i < a->victims_n; i++) {
		const struct look_victim *v = &a->victims[i];

		json_array_append_new(victims,
			json_pack("{s:i, s:s, s:o, s:o, s:o}", "pid", v->pid, "name", v->name,
				"anon", number(v->anon), "file", number(v->file), "shmem",
				number(v->shmem)));
	}
	return victims;
}

json_t *record_top(const struct record *r)
{
	const struct account *a = r->account;
	json_t *top = json_array();

	for (uint32_t i = 0; i < a->top_n; i++) {
		const struct account_top *t = &a->top[i];

		json_array_append_new(top,
			json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}", "pid",
				t->pid ? json_integer(t->pid) : json_null(), "role",
				ray_role_name((enum ray_role)t->role), "name", t->name, "share",
				number(t->share), "pss", number(t->pss), "rss", number(t->rss)));
	}
	return top;
}

static json_t *histogram_json(const struct usage *u)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < USAGE_BUCKETS; i++)
		if (u->buckets[i])
			json_array_append_new(list,
				json_pack("{s:I, s:o}", "bytes",
					(json_int_t)histogram_lowest(i, USAGE_OCTAVE), "seconds",
					seconds(u->buckets[i] * NS_PER_MS)));
	return list;
}

static json_t *task_json(const struct account_profile *p, const char *name)
{
	const struct usage *one = &p->private, *all = &p->together;

	return json_pack("{s:s, s:s, s:i, s:o, s:{s:I, s:I, s:I, s:I, s:o}, s:{s:I, s:I, s:I}}",
		"name", name, "kind", ray_role_name((enum ray_role)p->role), "processes",
		(int)p->processes, "seconds", seconds(all->weight * NS_PER_MS), "private", "avg",
		(json_int_t)usage_mean(one), "p50", (json_int_t)usage_quantile(one, 0.5), "p95",
		(json_int_t)usage_quantile(one, 0.95), "peak", (json_int_t)one->peak, "histogram",
		histogram_json(one), "together", "avg", (json_int_t)usage_mean(all), "p95",
		(json_int_t)usage_quantile(all, 0.95), "peak", (json_int_t)all->peak);
}

/* The names with the greatest sums first. */
static int task_order(const void *x, const void *y)
{
	uint64_t a = (*(const struct account_profile *const *)x)->together.peak;
	uint64_t b = (*(const struct account_profile *const *)y)->together.peak;

	return (a < b) - (a > b);
}

json_t *record_tasks(const struct record *r)
{
	const struct account *a = r->account;
	const struct account_profile *order[ACCOUNT_PROFILES];
	json_t *tasks = json_array();

	for (uint32_t i = 0; i < a->profiles_n; i++)
		order[i] = &a->profiles[i];
	qsort(order, a->profiles_n, sizeof(*order), task_order);
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (order[i]->processes)
			json_array_append_new(tasks, task_json(order[i], order[i]->name));
	if (a->other_names.processes)
		json_array_append_new(tasks, task_json(&a->other_names, "(other names)"));
	return tasks;
}

json_t *record_objects(const struct record *r)
{
	const struct account *a = r->account;
	json_t *objects = json_array();

	for (uint32_t i = 0; i < a->objects_n; i++)
		json_array_append_new(objects,
			json_pack("{s:I, s:I, s:I, s:b}", "dev", (json_int_t)a->objects[i].dev,
				"ino", (json_int_t)a->objects[i].ino, "bytes",
				(json_int_t)a->objects[i].bytes, "sysv", (int)a->objects[i].sysv));
	return objects;
}

json_t *record_left_out(const struct record *r)
{
	const struct look_left_out *l = &r->account->left_out;
	const struct {
		const char *what;
		uint64_t count;
	} rows[] = {
		{ "processes", l->processes },
		{ "objects", l->objects },
		{ "files", l->files },
		{ "scans", l->scans },
		{ "devices", l->devices },
		{ "places", l->places },
		{ "descriptors", l->descriptors },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].count)
			json_array_append_new(list,
				json_pack("{s:s, s:I}", "what", rows[i].what, "count",
					(json_int_t)rows[i].count));
	return list;
}

json_t *record_left_objects(const struct record *r)
{
	static const char *const kinds[] = { [LEFT_FILE] = "file", [LEFT_SYSV] = "sysv" };
	const struct look_left *left = &r->account->left;
	json_t *list = left->bytes == UNKNOWN ? json_null() : json_array();

	for (uint32_t i = 0; left->bytes != UNKNOWN && i < left->greatest_n; i++) {
		const struct look_left_object *x = &left->greatest[i];

		json_array_append_new(list,
			json_pack("{s:s, s:s, s:I, s:I}", "kind", kinds[x->kind], "name", x->name,
				"id", (json_int_t)x->id, "bytes", (json_int_t)x->bytes));
	}
	return list;
}

json_t *record_numa(const struct record *r)
{
	const struct account *a = r->account;
	json_t *numa = a->numa_n ? json_array() : json_null();

	for (uint32_t i = 0; i < a->numa_n; i++)
		json_array_append_new(numa,
			json_pack("{s:I, s:o, s:o, s:o}", "node", (json_int_t)a->numa[i].node,
				"private", number(a->numa[i].anon), "shared",
				number(a->numa[i].shmem), "file", number(a->numa[i].file)));
	return numa;
}

json_t *record_pressure(const struct record *r)
{
	const struct account *a = r->account;

	if (a->stalled_some_us == UNKNOWN || a->stalled_full_us == UNKNOWN)
		return json_null();
	return json_pack("{s:o, s:o}", "some", seconds(a->stalled_some_us * NS_PER_US), "full",
		seconds(a->stalled_full_us * NS_PER_US));
}

json_t *record_series(const struct record *r)
{
	const struct account *a = r->account;
	json_t *series = r->info->with_series ? json_array() : json_null();

	for (uint32_t i = 0; r->info->with_series && i < a->series.count; i++) {
		const struct series_point *p = &a->series.points[i];

		json_array_append_new(series,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seconds",
				seconds(p->at_ns), "footprint", number(p->footprint), "private",
				number(p->private), "shared", number(p->shared), "kernel",
				number(p->kernel), "store", number(p->store), "rss",
				number(p->rss)));
	}
	return series;
}

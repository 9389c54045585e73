/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/record_lists.h"

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

json_t *record_tasks(const struct record *r)
{
	const struct account *a = r->account;
	json_t *tasks = json_array();

	for (uint32_t i = 0; i < a->profiles_n; i++) {
		const struct account_profile *p = &a->profiles[i];
		uint64_t avg = p->weight ? (uint64_t)(p->sum / (double)p->weight) : p->peak;
		uint64_t p95 = account_profile_quantile(p, 0.95);

		json_array_append_new(tasks,
			json_pack("{s:s, s:s, s:i, s:o, s:{s:n, s:n, s:n, s:n, s:[]}, s:{s:I, s:I, "
				  "s:I}}",
				"name", p->name, "kind", ray_role_name((enum ray_role)p->role),
				"processes", (int)p->processes, "seconds",
				seconds(p->weight * NS_PER_MS), "private", "avg", "p50", "p95",
				"peak", "histogram", "together", "avg", (json_int_t)avg, "p95",
				(json_int_t)(p->weight ? p95 : p->peak), "peak",
				(json_int_t)p->peak));
	}
	return tasks;
}

json_t *record_ray(const struct record *r)
{
	(void)r;
	return json_null();
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

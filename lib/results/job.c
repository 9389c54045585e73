/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "account/verdict.h"

static json_int_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *string(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static json_int_t footprint(const json_t *record)
{
	return integer(json_object_get(record, "peak"), "footprint");
}

static const char *verdict(const json_t *record)
{
	return string(json_object_get(record, "oom"), "verdict");
}

static bool has_ended(const json_t *record)
{
	return strcmp(string(json_object_get(record, "end"), "how"), "running") != 0;
}

uint32_t job_restart(const json_t *records)
{
	json_int_t restart = 0;
	json_t *record;
	size_t i;

	json_array_foreach (records, i, record)
		if (integer(record, "restart") > restart)
			restart = integer(record, "restart");
	return (uint32_t)restart;
}

/* The worse of two verdicts by name; an unknown name is the mildest. */
static const char *worse(const char *a, const char *b)
{
	return verdict_by_name(a) >= verdict_by_name(b) ? a : b;
}

static void entry_add(json_t *entry, const json_t *record)
{
	json_t *peak = json_object_get(record, "peak");
	bool first = !json_object_get(entry, "oom");
	json_int_t rss = integer(record, "rss_max");

	if (first || footprint(record) > integer(entry, "peak")) {
		json_object_set(entry, "peak", json_object_get(peak, "footprint"));
		json_object_set(entry, "limit", json_object_get(record, "limit"));
		json_object_set(entry, "store", json_object_get(peak, "store"));
	}
	if (first || rss > integer(entry, "rss"))
		json_object_set(entry, "rss", json_object_get(record, "rss_max"));
	json_object_set_new(entry, "oom",
		json_string(
			first ? verdict(record) : worse(string(entry, "oom"), verdict(record))));
	json_object_set(entry, "nodes", json_object_get(record, "nodes"));
	json_object_set_new(
		entry, "reported", json_integer(integer(entry, "reported") + has_ended(record)));
}

/* The member of an object under key, made an empty object where it is missing. Borrowed. */
static json_t *member(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!value) {
		value = json_object();
		json_object_set_new(object, key, value);
	}
	return value;
}

/* Numbered steps in their order, behind them those with names. */
static int step_order(const void *a, const void *b)
{
	const char *x = string(*(json_t *const *)a, "step"),
		   *y = string(*(json_t *const *)b, "step");
	char *x_end, *y_end;
	unsigned long m = strtoul(x, &x_end, 10), n = strtoul(y, &y_end, 10);

	if (*x_end || *y_end)
		return *x_end && *y_end ? strcmp(x, y) : *x_end ? 1 : -1;
	return m < n ? -1 : m > n;
}

/* The records of the last run in the order of their steps, borrowed; a NULL ends them. */
static json_t **last_run(const json_t *records)
{
	json_t **run = calloc(json_array_size(records) + 1, sizeof(*run)), *record;
	uint32_t restart = job_restart(records);
	size_t i, n = 0;

	if (!run)
		return NULL;
	json_array_foreach (records, i, record)
		if (integer(record, "restart") == restart && *string(record, "step"))
			run[n++] = record;
	qsort(run, n, sizeof(*run), step_order);
	return run;
}

json_t *job_entries(const json_t *records)
{
	json_t **run = last_run(records), *entries = run ? json_object() : NULL;

	for (size_t i = 0; run && run[i]; i++)
		entry_add(member(entries, string(run[i], "step")), run[i]);
	free(run);
	return entries;
}

/* What stands of one step on one node in the report. */
static json_t *node_summary(const json_t *record)
{
	json_t *peak = json_object_get(record, "peak"), *summary = json_object();
	static const char *const of_peak[] = { "footprint", "private", "shared", "kernel", "file",
		"swap", "store" };
	static const char *const of_record[] = { "rss_max", "limit", "inflation", "source", "end",
		"start", "elapsed" };

	for (size_t i = 0; i < sizeof(of_peak) / sizeof(*of_peak); i++)
		json_object_set(summary, of_peak[i], json_object_get(peak, of_peak[i]));
	for (size_t i = 0; i < sizeof(of_record) / sizeof(*of_record); i++)
		json_object_set(summary, of_record[i], json_object_get(record, of_record[i]));
	json_object_set_new(summary, "oom", json_string(verdict(record)));
	return summary;
}

static double start_of(const json_t *record)
{
	return json_number_value(json_object_get(record, "start"));
}

static double end_of(const json_t *record)
{
	return start_of(record) + json_number_value(json_object_get(record, "elapsed"));
}

static bool same_object(const json_t *a, const json_t *b)
{
	return integer(a, "dev") == integer(b, "dev") && integer(a, "ino") == integer(b, "ino") &&
		json_is_true(json_object_get(a, "sysv")) ==
		json_is_true(json_object_get(b, "sysv"));
}

/* Adds the objects of more to all; what both have counts with the greater size. */
static void objects_join(json_t *all, const json_t *more)
{
	json_t *have, *object;
	size_t i, k;

	json_array_foreach (more, i, object) {
		bool found = false;

		json_array_foreach (all, k, have) {
			if (!same_object(have, object))
				continue;
			found = true;
			if (integer(have, "bytes") < integer(object, "bytes"))
				json_object_set(have, "bytes", json_object_get(object, "bytes"));
		}
		if (!found)
			json_array_append_new(all, json_deep_copy(object));
	}
}

static json_int_t objects_sum(const json_t *objects)
{
	json_int_t sum = 0;
	json_t *object;
	size_t i;

	json_array_foreach (objects, i, object)
		sum += integer(object, "bytes");
	return sum;
}

/*
 * An object that two steps share is in the shared memory of both (procfs), or of the one that was
 * charged with it (cgroup): the distinct objects bound the sum from above, and so does the plain
 * sum. Shared memory that no listed object explains counts in full.
 */
static json_int_t sum_at(const json_t *records, double at)
{
	json_int_t others = 0, shared_sum = 0, unlisted = 0, distinct;
	json_t *objects = json_array(), *record;
	size_t i;

	json_array_foreach (records, i, record) {
		json_t *own = json_object_get(record, "objects");
		json_int_t shared = integer(json_object_get(record, "peak"), "shared");

		if (at < start_of(record) || at > end_of(record))
			continue;
		others += footprint(record) - shared;
		shared_sum += shared;
		if (shared > objects_sum(own))
			unlisted += shared - objects_sum(own);
		objects_join(objects, own);
	}
	distinct = objects_sum(objects) + unlisted;
	json_decref(objects);
	return others + (shared_sum < distinct ? shared_sum : distinct);
}

static json_t *node_total(const json_t *records)
{
	json_int_t peak = 0;
	json_t *record;
	size_t i;

	/* A sum of steps is greatest when one of them has just begun. */
	json_array_foreach (records, i, record) {
		json_int_t sum = sum_at(records, start_of(record));

		if (sum > peak)
			peak = sum;
	}
	return json_pack("{s:I, s:I}", "peak", peak, "steps", (json_int_t)json_array_size(records));
}

json_t *job_report(const json_t *records)
{
	json_t *report = json_object(), *steps = job_entries(records), *by_node = json_object(),
	       *nodes = json_object(), *list, **run = last_run(records);
	json_int_t total = 0, greatest = 0;
	const char *node;

	for (size_t i = 0; run && run[i]; i++) {
		json_t *record = run[i];

		json_object_set(report, "job", json_object_get(record, "job"));
		json_object_set_new(
			member(json_object_get(steps, string(record, "step")), "per_node"),
			string(record, "node"), node_summary(record));
		list = json_object_get(by_node, string(record, "node"));
		if (!list) {
			list = json_array();
			json_object_set_new(by_node, string(record, "node"), list);
		}
		json_array_append(list, record);
	}
	json_object_foreach (by_node, node, list) {
		json_t *sum = node_total(list);
		json_int_t peak = integer(sum, "peak");

		json_object_set_new(nodes, node, sum);
		total += peak;
		greatest = peak > greatest ? peak : greatest;
	}
	json_object_set_new(report, "restart", json_integer(job_restart(records)));
	json_object_set_new(report, "steps", steps);
	json_object_set_new(report, "total",
		json_pack("{s:I, s:I, s:I}", "nodes", (json_int_t)json_object_size(nodes),
			"peak_of_nodes", total, "peak_of_one_node", greatest));
	json_object_set_new(report, "nodes", nodes);
	json_decref(by_node);
	free(run);
	return report;
}

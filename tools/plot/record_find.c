/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/plot/record_find.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/verdict.h"
#include "base/text.h"
#include "tools/job_find.h"
#include "tools/job_name.h"
#include "tools/record_file.h"

static const char *word(const json_t *record, const char *key)
{
	const json_t *value = json_object_get(record, key);

	return json_is_string(value) ? json_string_value(value) : "";
}

/* The same for people. Returns buf. */
static const char *clean(const json_t *record, const char *key, char *buf, size_t size)
{
	const char *text = word(record, key);

	text_clean(buf, size, text, strlen(text));
	return buf;
}

struct search {
	const struct record_find *find;
	const char *step; /* NULL = whichever */
	json_t *found; /* array of those that fit */
};

/* By how much a record is worth to be seen. */
struct rank {
	bool has_series;
	json_int_t restart;
	enum verdict verdict;
	json_int_t peak;
};

static struct rank rank_of(const json_t *record)
{
	return (struct rank){
		.restart = json_integer_value(json_object_get(record, "restart")),
		.has_series = json_array_size(json_object_get(record, "series")) > 0,
		.verdict = verdict_by_name(word(json_object_get(record, "oom"), "verdict")),
		.peak = json_integer_value(
			json_object_get(json_object_get(record, "peak"), "footprint")),
	};
}

/* For qsort: the worst first. */
static int by_rank(const void *x, const void *y)
{
	struct rank a = rank_of(*(json_t *const *)x), b = rank_of(*(json_t *const *)y);

	if (a.restart != b.restart)
		return a.restart > b.restart ? -1 : 1;
	if (a.has_series != b.has_series)
		return a.has_series ? -1 : 1;
	if (a.verdict != b.verdict)
		return a.verdict > b.verdict ? -1 : 1;
	return a.peak == b.peak ? 0 : a.peak > b.peak ? -1 : 1;
}

static void consider(const json_t *record, void *arg)
{
	struct search *s = arg;

	if ((s->step && strcmp(word(record, "step"), s->step)) ||
		(s->find->node && strcmp(word(record, "node"), s->find->node)))
		return;
	json_array_append(s->found, (json_t *)record);
}

/* A sorted copy, only of the last run. NULL when out of memory. */
static json_t *sorted(const json_t *found)
{
	size_t n = json_array_size(found);
	json_t **records = calloc(n, sizeof(*records)), *out = json_array();

	for (size_t i = 0; records && i < n; i++)
		records[i] = json_array_get(found, i);
	if (records)
		qsort(records, n, sizeof(*records), by_rank);
	for (size_t i = 0; records && i < n; i++)
		if (rank_of(records[i]).restart == rank_of(records[0]).restart)
			json_array_append(out, records[i]);
	free(records);
	return out;
}

static int of_job(const struct record_find *find, uint32_t job, const char *step, json_t **records)
{
	struct search s = { .find = find, .step = step, .found = json_array() };
	char cluster[CLUSTER_SIZE];
	int rc = 0;

	if (spools_find(find->spools, find->command, job, cluster)) {
		rc = -EEXIST;
	} else if (spools_each_record(find->spools, cluster, job, consider, &s)) {
		spools_complain(find->spools, find->command, job);
		rc = -ENOENT;
	} else if (!json_array_size(s.found)) {
		fprintf(stderr, "raypss %s: job %u has no record of%s%s%s%s\n", find->command, job,
			step ? " step " : "", step ? step : "", find->node ? " node " : "",
			find->node ? find->node : "");
		rc = -ENOENT;
	}
	if (rc == 0)
		*records = sorted(s.found);
	json_decref(s.found);
	return rc;
}

static int of_file(const struct record_find *find, const char *path, json_t **records)
{
	json_t *record = record_file_read(path, find->command);

	if (!record)
		return -ENOENT;
	*records = json_pack("[o]", record);
	return 0;
}

int record_find_all(const struct record_find *find, const char *name, json_t **records)
{
	const struct job_find how = { .spools = find->spools, .command = find->command };
	struct job_name job;
	const char *wrong;

	if (record_file_is(name))
		return of_file(find, name, records);
	wrong = job_name_parse(name, &job);
	if (wrong) {
		fprintf(stderr, "raypss %s: \"%s\" %s, nor a file that ends with .json\n",
			find->command, name, wrong);
		return -EINVAL;
	}
	/* Records are filed by a job's own number. */
	if (job_number_find(&how, &job))
		return -ENOENT;
	return of_job(find, job.job, job.step, records);
}

int record_find(const struct record_find *find, const char *name, json_t **record)
{
	char step[STEP_SIZE], node[NODE_SIZE];
	json_t *records;
	int rc = record_find_all(find, name, &records);

	if (rc)
		return rc;
	*record = json_incref(json_array_get(records, 0));
	if (json_array_size(records) > 1)
		fprintf(stderr,
			"raypss %s: of %zu records the worst: step %s on %s; choose with JOB.STEP "
			"and --node\n",
			find->command, json_array_size(records),
			clean(*record, "step", step, sizeof(step)),
			clean(*record, "node", node, sizeof(node)));
	json_decref(records);
	return 0;
}

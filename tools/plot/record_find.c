/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/plot/record_find.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "account/verdict.h"
#include "tools/job_name.h"

static const char *word(const json_t *record, const char *key)
{
	const json_t *value = json_object_get(record, key);

	return json_is_string(value) ? json_string_value(value) : "";
}

struct search {
	const struct record_find *find;
	const char *step; /* NULL = whichever */
	unsigned n; /* records that fit */
	json_t *best;
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

static bool is_better(const json_t *record, const json_t *than)
{
	struct rank a, b;

	if (!than)
		return true;
	a = rank_of(record);
	b = rank_of(than);
	if (a.restart != b.restart)
		return a.restart > b.restart;
	if (a.has_series != b.has_series)
		return a.has_series;
	if (a.verdict != b.verdict)
		return a.verdict > b.verdict;
	return a.peak > b.peak;
}

static void consider(const json_t *record, void *arg)
{
	struct search *s = arg;

	if ((s->step && strcmp(word(record, "step"), s->step)) ||
		(s->find->node && strcmp(word(record, "node"), s->find->node)))
		return;
	s->n++;
	if (!is_better(record, s->best))
		return;
	json_decref(s->best);
	s->best = json_incref((json_t *)record);
}

static int of_job(const struct record_find *find, uint32_t job, const char *step, json_t **record)
{
	struct search s = { .find = find, .step = step };
	char cluster[CLUSTER_SIZE];

	if (spools_find(find->spools, find->command, job, cluster))
		return -EEXIST;
	if (spools_each_record(find->spools, cluster, job, consider, &s)) {
		spools_complain(find->spools, find->command, job);
		return -ENOENT;
	}
	if (!s.best) {
		fprintf(stderr, "raypss %s: job %u has no record of%s%s%s%s\n", find->command, job,
			step ? " step " : "", step ? step : "", find->node ? " node " : "",
			find->node ? find->node : "");
		return -ENOENT;
	}
	if (s.n > 1)
		fprintf(stderr,
			"raypss %s: of %u records the worst: step %s on %s; choose with JOB.STEP "
			"and --node\n",
			find->command, s.n, word(s.best, "step"), word(s.best, "node"));
	*record = s.best;
	return 0;
}

static int of_file(const struct record_find *find, const char *path, json_t **record)
{
	json_error_t error;

	*record = json_load_file(path, 0, &error);
	if (*record)
		return 0;
	fprintf(stderr, "raypss %s: cannot read \"%s\": %s\n", find->command, path, error.text);
	return -ENOENT;
}

static bool is_file(const char *name)
{
	size_t n = strlen(name);

	return strchr(name, '/') || (n > 5 && !strcmp(name + n - 5, ".json"));
}

int record_find(const struct record_find *find, const char *name, json_t **record)
{
	const char *step, *wrong;
	uint32_t job;

	if (is_file(name))
		return of_file(find, name, record);
	wrong = job_name_parse(name, &job, &step);
	if (wrong) {
		fprintf(stderr, "raypss %s: \"%s\" %s, nor a file that ends with .json\n",
			find->command, name, wrong);
		return -EINVAL;
	}
	return of_job(find, job, step, record);
}

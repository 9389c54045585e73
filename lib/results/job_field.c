/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_field.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static json_t *text_load(const char *text)
{
	if (!text || !*text)
		return json_object();
	if (strnlen(text, FIELD_TEXT_SIZE) == FIELD_TEXT_SIZE)
		return NULL;
	return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
}

/* Our part of the field; empty where there is none, of an earlier run or not of our grammar. */
static int ours_read(const json_t *field, uint32_t restart, struct job_steps *ours)
{
	const json_t *value = json_object_get(field, JOB_FIELD_KEY);
	json_int_t run = json_integer_value(json_object_get(value, "restart"));
	int rc;

	*ours = (struct job_steps){ 0 };
	if (run != restart)
		return 0;
	rc = job_steps_read(json_object_get(value, "steps"), ours);
	if (rc == 0)
		job_totals_read(json_object_get(value, "totals"), &ours->totals);
	return rc;
}

static json_t *ours_json(const struct job_steps *ours, uint32_t restart)
{
	json_t *value =
		json_pack("{s:i, s:o}", "v", JOB_FIELD_VERSION, "steps", job_steps_json(ours));

	if (restart)
		json_object_set_new(value, "restart", json_integer(restart));
	if (ours->totals.steps)
		json_object_set_new(value, "totals", job_totals_json(&ours->totals));
	return value;
}

static size_t text_size(const json_t *value)
{
	return json_dumpb(value, NULL, 0, JSON_COMPACT);
}

static int steps_update(struct job_steps *ours, const struct job_steps *steps)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < steps->n; i++) {
		struct job_step *have = job_steps_find(ours, steps->steps[i].step);

		if (!have)
			rc = job_steps_append(ours, &steps->steps[i]);
		else
			job_step_join(have, &steps->steps[i]);
	}
	if (steps->totals.steps)
		job_totals_join(&ours->totals, &steps->totals);
	return rc;
}

/* Our part, cut to the worst steps and totals where it is too long, or was cut before. */
static int ours_fit(struct job_steps *ours, uint32_t restart, json_t **out)
{
	if (ours->totals.steps)
		job_steps_cut(ours, JOB_FIELD_STEPS);
	*out = ours_json(ours, restart);
	if (*out && text_size(*out) > JOB_FIELD_SIZE) {
		json_decref(*out);
		job_steps_cut(ours, JOB_FIELD_STEPS);
		*out = ours_json(ours, restart);
	}
	if (!*out)
		return -ENOMEM;
	if (text_size(*out) > JOB_FIELD_SIZE) {
		/* Figures before names of nodes, which may be long. */
		json_decref(*out);
		for (size_t i = 0; i < ours->n; i++)
			*ours->steps[i].oom_node = '\0';
		*out = ours_json(ours, restart);
	}
	if (*out && text_size(*out) <= JOB_FIELD_SIZE)
		return 0;
	json_decref(*out);
	return *out ? -E2BIG : -ENOMEM;
}

/* The field as it would be, or NULL with *error set. */
static json_t *merge(const char *text, uint32_t restart, const struct job_steps *steps, int *error)
{
	json_t *field = text_load(text), *value = NULL;
	struct job_steps ours = { 0 };

	*error = json_is_object(field) ? ours_read(field, restart, &ours) : -EEXIST;
	if (*error == 0)
		*error = steps_update(&ours, steps);
	if (*error == 0)
		*error = ours_fit(&ours, restart, &value);
	if (*error == 0)
		*error = json_object_set_new(field, JOB_FIELD_KEY, value) ? -ENOMEM : 0;
	job_steps_clear(&ours);
	if (*error == 0)
		return field;
	json_decref(field);
	return NULL;
}

int job_field_merge(
	const char *text, uint32_t restart, const struct job_steps *steps, char **merged)
{
	int rc;
	json_t *field = merge(text, restart, steps, &rc);

	if (!field)
		return rc;
	*merged = json_dumps(field, JSON_COMPACT);
	json_decref(field);
	return *merged ? 0 : -ENOMEM;
}

int job_field_read(const char *text, uint32_t *restart, struct job_steps *steps)
{
	json_t *field = text_load(text);
	const json_t *value = json_object_get(field, JOB_FIELD_KEY);
	json_int_t run = json_integer_value(json_object_get(value, "restart"));
	int rc = -ENOENT;

	*steps = (struct job_steps){ 0 };
	*restart = run > 0 && run <= RESTART_MAX ? (uint32_t)run : 0;
	if (json_is_object(value))
		rc = ours_read(field, *restart, steps);
	json_decref(field);
	return rc == 0 && !steps->n ? -ENOENT : rc;
}

bool job_field_holds(const char *text, uint32_t restart, const struct job_steps *steps)
{
	json_t *now = text_load(text), *then;
	bool holds;
	int rc;

	then = merge(text, restart, steps, &rc);
	holds = then && json_equal(now, then);
	json_decref(now);
	json_decref(then);
	return holds;
}

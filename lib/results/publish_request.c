/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/publish_request.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

char *publish_request_text(const struct publish_request *r)
{
	json_t *line = json_pack("{s:s, s:I, s:I, s:s, s:b, s:I, s:o}", "cluster", r->cluster,
		"job", (json_int_t)r->job, "restart", (json_int_t)r->restart, "field",
		publish_field_names[r->field], "ended", (int)r->ended, "delay",
		(json_int_t)r->delay_ms, "steps", job_steps_json(&r->steps));
	char *text;

	if (r->steps.totals.steps)
		json_object_set_new(line, "totals", job_totals_json(&r->steps.totals));
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	return text;
}

static int request_read(json_t *value, struct publish_request *out)
{
	json_int_t job = 0, restart = 0, delay = 0;
	const char *cluster, *field;
	json_t *steps, *totals = NULL;
	int ended, rc;

	if (json_unpack(value, "{s:s, s:I, s:I, s:s, s:b, s?I, s:o, s?o}", "cluster", &cluster,
		    "job", &job, "restart", &restart, "field", &field, "ended", &ended, "delay",
		    &delay, "steps", &steps, "totals", &totals))
		return -EINVAL;
	if (job <= 0 || job > UINT32_MAX || restart < 0 || restart > UINT32_MAX || delay < 0 ||
		delay > PUBLISH_DELAY_MOST_MS || strlen(cluster) >= sizeof(out->cluster))
		return -EINVAL;
	strcpy(out->cluster, cluster);
	out->job = (uint32_t)job;
	out->restart = (uint32_t)restart;
	out->field = publish_field_by_name(field);
	out->ended = ended;
	out->delay_ms = (uint32_t)delay;
	rc = out->field == PUBLISH_NONE ? -EINVAL : job_steps_read(steps, &out->steps);
	if (rc == 0)
		job_totals_read(totals, &out->steps.totals);
	return rc;
}

int publish_request_parse(const char *line, struct publish_request *out)
{
	json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	int rc;

	*out = (struct publish_request){ .field = PUBLISH_NONE };
	rc = request_read(value, out);
	json_decref(value);
	return rc;
}

void publish_request_clear(struct publish_request *r)
{
	job_steps_clear(&r->steps);
}

bool publish_answer_is_refusal(const char *answer)
{
	return !strncmp(answer, PUBLISH_REFUSED, strlen(PUBLISH_REFUSED));
}

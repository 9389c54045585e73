/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypss-publisher is asked to do: one line of JSON for each request,
 *   {"cluster":NAME,"job":N,"restart":N,"field":NAME,"ended":BOOL,"delay":MS,"steps":{..},"totals":{..}}
 * with steps and totals as job_step.h has them. Its answer is one line: empty, or what went wrong.
 */
#ifndef RAYPSS_PUBLISH_REQUEST_H
#define RAYPSS_PUBLISH_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "results/job_step.h"
#include "results/publish_field.h"
#include "results/step_info.h"

/* No request waits longer. */
enum { PUBLISH_DELAY_MOST_MS = 15000 };

struct publish_request {
	char cluster[CLUSTER_SIZE]; /* "" = not known, then the publisher's own */
	uint32_t job;
	uint32_t restart;
	enum publish_field field;
	uint32_t delay_ms; /* the publisher waits so long first: other nodes write, too */
	bool ended; /* the job may have ended: then it is changed in slurmdbd's database */
	struct job_steps steps;
};

/* The line without its newline, to be freed; NULL when out of memory. */
char *publish_request_text(const struct publish_request *r);

/* Reads a line. 0, -EINVAL or -ENOMEM. publish_request_clear() frees what was read. */
int publish_request_parse(const char *line, struct publish_request *out);
void publish_request_clear(struct publish_request *r);

/*
 * The first word of an answer that stays the same until the job's records or its field change: do
 * not repeat the request before.
 */
#define PUBLISH_REFUSED "refused: "

/* Whether an answer begins with PUBLISH_REFUSED. */
bool publish_answer_is_refusal(const char *answer);

#endif

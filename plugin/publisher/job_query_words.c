/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of Slurm's that have no function in libslurm. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <slurm/slurm.h>

#include "plugin/publisher/job_query.h"

enum { NODES_MOST = 1024 };

static bool number_read(const char *text, const char **rest, uint32_t *out)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	number = strtoull(text, &end, 10);
	*rest = end;
	*out = (uint32_t)number;
	return number < NO_VAL;
}

bool job_id_parse(const char *text, struct job_id *out)
{
	*out = (struct job_id){ 0 };
	if (!number_read(text, &text, &out->job) || !out->job)
		return false;
	if (!*text)
		return true;
	out->array = *text == '_';
	out->het = *text == '+';
	return (out->array || out->het) && number_read(text + 1, &text, &out->part) && !*text;
}

bool job_id_is(const struct job_id *id, const struct job_numbers *n)
{
	if (id->array)
		return n->array_job == id->job && n->array_task == id->part;
	if (id->het)
		return n->het_job == id->job && n->het_offset == id->part;
	return n->job == id->job;
}

json_t *job_query_id(const struct job_numbers *n)
{
	if (n->array_job && n->array_task != NO_VAL)
		return json_sprintf("%u_%u", n->array_job, n->array_task);
	if (n->het_job)
		return json_sprintf("%u+%u", n->het_job, n->het_offset);
	return json_sprintf("%u", n->job);
}

const char *job_query_state(uint32_t state)
{
	static const char *const names[] = {
		[JOB_PENDING] = "PENDING",
		[JOB_RUNNING] = "RUNNING",
		[JOB_SUSPENDED] = "SUSPENDED",
		[JOB_COMPLETE] = "COMPLETED",
		[JOB_CANCELLED] = "CANCELLED",
		[JOB_FAILED] = "FAILED",
		[JOB_TIMEOUT] = "TIMEOUT",
		[JOB_NODE_FAIL] = "NODE_FAIL",
		[JOB_PREEMPTED] = "PREEMPTED",
		[JOB_BOOT_FAIL] = "BOOT_FAIL",
		[JOB_DEADLINE] = "DEADLINE",
		[JOB_OOM] = "OUT_OF_MEMORY",
	};
	uint32_t base = state & JOB_STATE_BASE;

	return base < sizeof(names) / sizeof(*names) ? names[base] : "?";
}

json_t *job_query_nodes(const char *list)
{
	json_t *names = json_array();
	/* Releases differ in the type. */
	__typeof__(slurm_hostlist_create("")) hosts = NULL;
	char *name;

	/* slurmdbd has these words for a job that did not begin. */
	if (list && strcmp(list, "None assigned"))
		hosts = slurm_hostlist_create(list);
	while (hosts && (name = slurm_hostlist_shift(hosts))) {
		if (json_array_size(names) < NODES_MOST)
			json_array_append_new(names, json_string(name));
		free(name);
	}
	if (hosts)
		slurm_hostlist_destroy(hosts);
	return names;
}

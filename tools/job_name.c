/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/job_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/step_info.h"
#include "tools/record_file.h"

#define NOT_A_JOB "is not a job: a job is written " JOB_NAME_ALLOWED

static bool number_read(const char *text, const char **rest, uint32_t *out)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	number = strtoull(text, &end, 10);
	*rest = end;
	*out = (uint32_t)number;
	return number <= UINT32_MAX;
}

static bool is_step(const char *step)
{
	return *step &&
		(strspn(step, "0123456789") == strlen(step) || step_info_is_enclosing(step)) &&
		strlen(step) < STEP_SIZE;
}

const char *job_name_parse(const char *text, struct job_name *out)
{
	const char *rest;
	uint32_t part;
	bool is_part;

	*out = (struct job_name){ 0 };
	if (!number_read(text, &rest, &out->job) || !out->job)
		return NOT_A_JOB;
	is_part = *rest == '_' || *rest == '+';
	if (is_part && !number_read(rest + 1, &rest, &part))
		return NOT_A_JOB;
	if ((*rest && *rest != '.') || rest - text >= JOB_ID_SIZE)
		return NOT_A_JOB;
	memcpy(out->id, text, (size_t)(rest - text));
	if (is_part)
		out->job = 0;
	out->step = *rest ? rest + 1 : NULL;
	if (out->step && !is_step(out->step))
		return "is not a step: a step is a number, batch or interactive, such as 65.0";
	return NULL;
}

int job_name_check(const char *command, const char *text, struct job_name *out)
{
	const char *wrong = job_name_parse(text, out);

	if (wrong && record_file_is(text))
		wrong = "is a file: explain, plot and report --html take one";
	if (wrong)
		fprintf(stderr, "raypss %s: \"%s\" %s\n", command, text, wrong);
	return wrong ? -1 : 0;
}

int job_name_only(const char *command, char *const *words, int n)
{
	if (n < 1)
		fprintf(stderr, "raypss %s: no job given: a job is written " JOB_NAME_ALLOWED "\n",
			command);
	else if (n > 1)
		fprintf(stderr, "raypss %s: \"%s\": give one job only\n", command, words[1]);
	return n == 1 ? 0 : -1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How people name a job or one of its steps. */
#ifndef RAYPSS_JOB_NAME_H
#define RAYPSS_JOB_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* Room for "4294967295_4294967295". */
enum { JOB_ID_SIZE = 32 };

struct job_name {
	char id[JOB_ID_SIZE]; /* without the step: 65, 65_1 (array task), 65+1 (part of a het job) */
	uint32_t job; /* its own number, sacct's JobIDRaw; 0 = Slurm has to be asked */
	const char *step; /* in the text that was parsed, or NULL */
};

/* For messages: what a job looks like. */
#define JOB_NAME_ALLOWED "65, 65.0, 65.batch, 65_1 (array task) or 65+1 (part of a het job)"

/* Reads "JOB" or "JOB.STEP". NULL, or what is wrong: words that follow the text in a message. */
const char *job_name_parse(const char *text, struct job_name *out);

/* The same for a command's argument. 0, or nonzero after a line on standard error. */
int job_name_check(const char *command, const char *text, struct job_name *out);

/*
 * For commands of one job: whether there is one word. 0, or nonzero after a line on standard error
 * that says which word is too much, or what a job looks like.
 */
int job_name_only(const char *command, char *const *words, int n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How people name a job or one of its steps. */
#ifndef RAYPSS_JOB_NAME_H
#define RAYPSS_JOB_NAME_H

#include <stdint.h>

/*
 * "JOB" or "JOB.STEP": *step points into text, or is NULL. NULL, or what is wrong: words that follow
 * the text in a message.
 */
const char *job_name_parse(const char *text, uint32_t *job, const char **step);

#endif

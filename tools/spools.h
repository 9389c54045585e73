/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spools that a command reads: one shared by the nodes, or copies of those of several. */
#ifndef RAYPSS_SPOOLS_H
#define RAYPSS_SPOOLS_H

#include <jansson.h>
#include <stdint.h>

enum { SPOOLS_MAX = 64 };

struct spools {
	unsigned n; /* 0 = the default one */
	const char *paths[SPOOLS_MAX];
};

/* path stays the caller's. 0, or -E2BIG after a line on standard error. */
int spools_add(struct spools *s, const char *path);

/* The i-th spool's path, NULL behind the last. */
const char *spools_path(const struct spools *s, unsigned i);

/* For messages: the first one's path. */
const char *spools_text(const struct spools *s);

/* All records of a job, or of one of its steps, as an array. */
json_t *spools_records(const struct spools *s, uint32_t job, const char *step);

/* "JOB" or "JOB.STEP": *step points into text, or is NULL. 0 or -EINVAL. */
int job_parse(const char *text, uint32_t *job, const char **step);

#endif

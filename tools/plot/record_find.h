/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records to draw, by the name of a job or step, or of a file. */
#ifndef RAYPSS_RECORD_FIND_H
#define RAYPSS_RECORD_FIND_H

#include <jansson.h>

#include "tools/spools.h"

struct record_find {
	const struct spools *spools;
	const char *command; /* for messages */
	const char *node; /* NULL = whichever */
};

/*
 * Finds the record that name means: JOB, JOB.STEP, or a file (with a slash, or ending in .json). Of
 * several records the worst is taken, by verdict, then by footprint, among those with a series if
 * there are such; a line on standard error says so. 0 and a new reference; -EINVAL: name is neither;
 * or another -errno, after a line on standard error.
 */
int record_find(const struct record_find *find, const char *name, json_t **record);

/* The same, but all records that fit, the worst first: an array. Of a requeued job the last run's. */
int record_find_all(const struct record_find *find, const char *name, json_t **records);

#endif

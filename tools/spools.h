/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spools that a command reads: one shared by the nodes, or copies of those of several. */
#ifndef RAYPSS_SPOOLS_H
#define RAYPSS_SPOOLS_H

#include <jansson.h>
#include <stdint.h>

#include "results/job.h"
#include "results/step_info.h"

enum { SPOOLS_MAX = 64 };

struct spools {
	unsigned n; /* 0 = the site's */
	const char *paths[SPOOLS_MAX];
	const char *cluster; /* NULL = whichever has the job */
};

/* path stays the caller's. 0, or -E2BIG after a line on standard error. */
int spools_add(struct spools *s, const char *path);

/* The i-th spool's path, NULL behind the last. */
const char *spools_path(const struct spools *s, unsigned i);

/*
 * Finds which cluster's job is meant: its name in cluster, "" for a record of old layout and where
 * there is no record. 0, or -EEXIST after a line on standard error: several have that job.
 */
int spools_find(
	const struct spools *s, const char *command, uint32_t job, char cluster[CLUSTER_SIZE]);

/* Reads the last run of the job from all spools. cluster: as found; "" = old layout. 0 or -errno. */
int spools_read(const struct spools *s, const char *cluster, struct job *job);

/* Calls fn with every record of the job in all spools. cluster: as found. 0 or -ENOENT. */
int spools_each_record(const struct spools *s, const char *cluster, uint32_t job,
	void (*fn)(const json_t *record, void *arg), void *arg);

/* Says on standard error, for each spool, why there is no record of the job. */
void spools_complain(const struct spools *s, const char *command, uint32_t job);

#endif

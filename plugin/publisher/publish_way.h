/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to a job's field: through slurmctld while the job runs, through slurmdbd afterwards. */
#ifndef RAYPSS_PUBLISH_WAY_H
#define RAYPSS_PUBLISH_WAY_H

#include <stdbool.h>

#include "results/publish_request.h"

/* write() cannot change this job's field, ever: jobs of scrontab. Nobody need be told or try again. */
enum { PUBLISH_NEVER = -1 };

struct publish_way {
	/* The field's text, which the caller frees, or NULL and a reason. */
	char *(*read)(const struct publish_request *r, const char **reason);
	/* Sets the field's text. 0, PUBLISH_NEVER or a number for error(). */
	int (*write)(const struct publish_request *r, char *text);
	/* What write() returned, in words. */
	const char *(*error)(int number);
};

extern const struct publish_way publish_by_controller;
extern const struct publish_way publish_by_database;

/* Whether our slurmctld has the job and still changes it. A job of another cluster is not ours. */
bool publish_is_running(const struct publish_request *r);

/* Picks the member of a Slurm structure that holds the field. NULL: this release has none. */
char **publish_member(enum publish_field field, char **admin_comment, char **comment, char **extra);

#endif

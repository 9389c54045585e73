/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways to a job's field: through slurmctld while it runs, through slurmdbd afterwards. */
#ifndef RAYPSS_PUBLISH_WAY_H
#define RAYPSS_PUBLISH_WAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct publish_request {
	uint32_t job;
	uint32_t restart;
	const char *field; /* "admin_comment", "extra" or "comment" */
	json_t *entries;
};

struct publish_way {
	/* The field's text, to be freed; NULL and a reason where it cannot be had. */
	char *(*read)(const struct publish_request *r, const char **reason);
	/* Sets it. 0 or a number for error(). */
	int (*write)(const struct publish_request *r, char *text);
	/* What a number of write() means. */
	const char *(*error)(int number);
};

extern const struct publish_way publish_by_controller;
extern const struct publish_way publish_by_database;

/* Whether slurmctld has the job and still changes it. */
bool publish_is_running(uint32_t job);

/* Which of a Slurm structure's members the field is; NULL where this release has none for it. */
char **publish_member(const char *field, char **admin_comment, char **comment, char **extra);

#endif

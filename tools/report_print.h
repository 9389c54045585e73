/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What raypss report prints of a job. Sizes of one screen have one unit. */
#ifndef RAYPSS_REPORT_PRINT_H
#define RAYPSS_REPORT_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tools/job_find.h"

/* A unit for all sizes of a screen. */
struct unit {
	const char *name;
	uint64_t bytes;
};

/* The unit in which the greatest size is at most 99999. UNKNOWN counts as 0. */
struct unit unit_for(uint64_t greatest);

/* A size in the unit with one decimal, "-" where it is not known. Returns buf. */
enum { UNIT_TEXT = 24 };
char *unit_text(struct unit u, uint64_t bytes, char buf[UNIT_TEXT]);

/* A verdict's name, coloured on a terminal unless NO_COLOR is set. */
void verdict_put(enum verdict v, FILE *out);

/*
 * Steps by node, and the job as a whole. Of many rows only the worst are shown, unless all is set. 0
 * or -ENOMEM.
 */
int report_table(const struct job_found *f, bool all, FILE *out);

/* One line with names, if head is set, and one for each step and node: bytes, words, empty = null. */
void report_csv(const struct job_found *f, bool head, FILE *out);

/* How much of a list is shown. */
struct list_size {
	size_t most; /* rows */
	int name_width; /* of the column with names */
	bool cut; /* names to that width; otherwise a long name moves its row's other columns */
};

/* The lists top and tasks of a record as tables with a head, in the unit. */
void top_table(const json_t *top, struct unit unit, const struct list_size *size, FILE *out);
void tasks_table(const json_t *tasks, struct unit unit, const struct list_size *size, FILE *out);

/* Processes with the greatest estimated parts; names of tasks, over all nodes of a step. */
void report_top(const struct job_found *f, FILE *out);
void report_tasks(const struct job_found *f, FILE *out);

/* A user's jobs since a time, in seconds of the epoch. The exit status. */
int report_user(const char *cluster, const char *user, int64_t since, bool as_json);

#endif

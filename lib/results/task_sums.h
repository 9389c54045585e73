/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What processes of one name took, merged from the member tasks of several records: nodes and steps. */
#ifndef RAYPSS_TASK_SUMS_H
#define RAYPSS_TASK_SUMS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "account/usage.h"

enum {
	TASK_SUM_NAME = 128,
	TASK_SUM_KIND = 16,
	TASK_SUMS_MOST = 1024, /* names; a record has at most 49 */
};

/* One name of one kind. Texts are cleaned: Ray's users choose them. */
struct task_sum {
	char name[TASK_SUM_NAME];
	char kind[TASK_SUM_KIND];
	uint64_t processes; /* the most at a time of each record, added up */
	uint64_t
		together; /* bytes of all processes; the greatest of one record. UNKNOWN = no record says */
	uint32_t
		is_measured; /* 1 = private is known: records of old releases have no such figures */
	struct usage private; /* of one process, without Ray's store */
};

/* Begins as zeros. */
struct task_sums {
	struct task_sum *list; /* allocated */
	size_t n;
	size_t left_out; /* entries of names for which there is no room or no memory */
};

/*
 * Adds the member tasks of a record; NULL or another value than an array adds nothing. Averages and
 * quantiles of the sum are those of all histograms together, not the greatest of them.
 */
void task_sums_add(struct task_sums *s, const json_t *tasks);

/* The names with the greatest sums first. */
void task_sums_sort(struct task_sums *s);

void task_sums_clear(struct task_sums *s);

#endif

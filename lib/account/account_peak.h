/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the greatest footprint of a step consisted of: its sample, biggest processes, objects, PSS. */
#ifndef RAYPSS_ACCOUNT_PEAK_H
#define RAYPSS_ACCOUNT_PEAK_H

#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

struct account;
struct look;

enum {
	ACCOUNT_TOP = 10,
	ACCOUNT_OBJECTS = 64,
};

/*
 * One of the biggest processes at the peak. share: estimated; pss and rss: read, or UNKNOWN. pid 0: a
 * part of the footprint that is no process's; pss and rss are UNKNOWN.
 */
struct account_top {
	pid_t pid;
	int32_t role; /* enum ray_role */
	uint64_t share;
	uint64_t pss;
	uint64_t rss;
	char name[TITLE_SIZE];
};

/*
 * Takes over what the look shows of the peak: all of it where the look is the new peak, and near the
 * peak what its own look did not show. Comes before a->samples counts the look.
 */
void account_peak_add(struct account *a, const struct look *look);

#endif

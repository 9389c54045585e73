/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that raypss metrics tells: the running steps of this node, and the totals of a spool. */
#ifndef RAYPSS_METRICS_TEXT_H
#define RAYPSS_METRICS_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct metrics_source {
	const char *spool; /* NULL = left out */
	bool spool_given; /* by the caller: the site's own comes with the first step, and may be missing */
	bool spool_hangs; /* do not touch it, but say that it was not read */
	bool quiet; /* no lines on standard error */
	uint64_t spool_ns; /* reading the spool ends after that */
};

/*
 * Writes what is known to f. 0, or 1 after lines on standard error: the steps or the spool could not
 * be read.
 */
int metrics_text_write(FILE *f, const struct metrics_source *source);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live figures of what is accounted, as text: lines "key value" as in memory.stat. The first and
 * the last line are "sequence N", and equal where the text is whole. ray_pss(8), LIVE FIGURES, and
 * raypss(1) describe the keys.
 */
#ifndef RAYPSS_LIVE_TEXT_H
#define RAYPSS_LIVE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "account/account.h"

enum { LIVE_TEXT_SIZE = 1024 };

/* How near the limit is. Numbers, since each line of the text is a key and a number. */
enum live_level {
	LIVE_CALM,
	LIVE_RISING, /* from 80 % of the limit on, or there within 10 s at this growth */
	LIVE_HIGH, /* 90 %, or the limit within 3 s */
	LIVE_CRITICAL, /* 95 %, or the limit within 1 s */
};

/* What goes on from one text to the next; all zero at first. */
struct live_text {
	bool with_file; /* mapped files count towards the limit too, as where Slurm compares PSS */
	unsigned sequence;
	uint64_t last_ns;
	uint64_t last_used; /* bytes that count towards the limit */
	double growth; /* bytes per second, averaged over about a second */
};

/*
 * Writes the last sample to buf. The text has the same length each time, because it overwrites the
 * one before while users read it. Returns the length.
 */
size_t live_text_make(struct live_text *t, const struct account *a, char buf[LIVE_TEXT_SIZE]);

/* limit: bytes, not UNKNOWN. growth: bytes per second. */
enum live_level live_level_of(uint64_t used, uint64_t limit, double growth);

#endif

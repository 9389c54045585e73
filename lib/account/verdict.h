/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether memory ended the step, or would have ended it wrongly. raypss(1), OOM VERDICT. */
#ifndef RAYPSS_VERDICT_H
#define RAYPSS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum verdict {
	VERDICT_NONE,
	VERDICT_RSS_ONLY,
	VERDICT_NEAR,
	VERDICT_OVER,
	VERDICT_LIMIT,
	VERDICT_KERNEL,
};

struct verdict_input {
	/* Of the look that came nearest to the limit of its time. */
	uint64_t limit; /* bytes, UNKNOWN = none */
	uint64_t footprint;
	uint64_t with_file; /* greatest footprint and mapped files: what PSS adds up to */
	uint64_t rss; /* greatest sum, what stock Slurm compares with the limit */
	uint64_t kills; /* oom_kill of memory.events */
	bool kill_on_limit; /* OverMemoryKill */
	bool sigkilled; /* the step was ended by SIGKILL */
	bool rss_compared; /* something compares the sum of RSS with the limit */
	bool unenforced; /* the limit is a wish: nobody kills for it */
};

/* The first that fits, in the order kernel, limit, over, near, rss-only, none. */
enum verdict verdict_of(const struct verdict_input *input);

const char *verdict_name(enum verdict v);

/* The verdict of that name, VERDICT_NONE for an unknown name. A worse verdict is greater. */
enum verdict verdict_by_name(const char *name);

#endif

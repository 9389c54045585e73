/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running steps of this node, from their live files. The lists of processes and tasks are those
 * of the record that raypssd writes while the step runs, at most every ten minutes.
 */
#ifndef RAYPSS_TOP_STEPS_H
#define RAYPSS_TOP_STEPS_H

#include "tools/spools.h"
#include "tools/top/top_view.h"

struct top_steps {
	struct top_source source;
	uint64_t interval_ns; /* between reads */
	uint32_t job; /* 0 = whichever the caller may read */
	const char *step; /* NULL = whichever */
	const struct spools *spools;
	/* The rest is private. */
	uint64_t read_ns;
	size_t left_out; /* live files that could not be read; they may be those of other users */
};

/* Sets the source's functions. Set the members above "private" first, the others to 0. */
void top_steps_init(struct top_steps *s);

#endif

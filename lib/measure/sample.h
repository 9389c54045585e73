/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One look at the memory of a step. The words are defined in raypss(1). */
#ifndef RAYPSS_SAMPLE_H
#define RAYPSS_SAMPLE_H

#include <stdint.h>

#include "base/unknown.h"

struct sample {
	uint64_t at_ns; /* CLOCK_MONOTONIC */
	uint64_t processes_ns; /* when rss and what follows it were read, at_ns or before */
	/* Bytes, or UNKNOWN. */
	uint64_t private;
	uint64_t shared;
	uint64_t kernel;
	uint64_t file;
	uint64_t swap;
	uint64_t rss; /* sum over processes, what stock Slurm would say */
	uint64_t store; /* part of shared */
	uint64_t fallback; /* part of file */
	uint64_t charged; /* what the kernel compares with the limit: all, page cache too */
	uint32_t processes;
	uint32_t unreadable; /* processes counted by their RSS */
	uint32_t unmeasured; /* processes with shared objects known only through PSS */
};

/* private + shared + kernel + swap, as far as they are known. */
static inline uint64_t sample_footprint(const struct sample *s)
{
	const uint64_t parts[] = { s->private, s->shared, s->kernel, s->swap };
	uint64_t sum = 0;

	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] != UNKNOWN)
			sum += parts[i];
	return sum;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of a step at one moment, in total. raypss(1) defines the words. */
#ifndef RAYPSS_SAMPLE_H
#define RAYPSS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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
	uint64_t locked; /* part of file that cannot be dropped */
	uint64_t hugetlb; /* huge pages, in none of the others */
	uint64_t hugetlb_limit; /* of the step and its job, where the hugetlb controller has one */
	uint64_t unheld; /* what may be the step's shared memory, but nobody knows: not in shared */
	uint64_t rss; /* sum over processes, what stock Slurm would say */
	uint64_t store; /* part of shared */
	uint64_t fallback; /* part of file */
	uint64_t spared; /* resident, but not in private; see look.h */
	uint64_t merged; /* what KSM saves, at that time; 0 where KSM is off */
	uint64_t charged; /* what the kernel compares with the limit: all, page cache too */
	uint64_t unattributed; /* at least so much of charged is in none of the others */
	uint32_t processes;
	uint32_t unreadable; /* processes counted by their RSS */
	uint32_t hugetlb_charged; /* not 0: the kernel charges the step with its huge pages */
	uint32_t unmeasured; /* processes with shared objects known only through PSS */
};

/* A sample of which nothing is known but its time: every size is UNKNOWN, every count 0. */
static inline struct sample sample_unknown(uint64_t at_ns)
{
	struct sample s;

	/* All bits set make every 64-bit member UNKNOWN, a future one too. */
	memset(&s, 0xff, sizeof(s));
	s.at_ns = at_ns;
	s.processes_ns = 0;
	s.processes = s.unreadable = s.unmeasured = s.hugetlb_charged = 0;
	return s;
}

/* private + shared + kernel + swap + locked, and huge pages that are charged, as far as they are known. */
static inline uint64_t sample_footprint(const struct sample *s)
{
	const uint64_t parts[] = { s->private, s->shared, s->kernel, s->swap, s->locked,
		s->hugetlb_charged ? s->hugetlb : 0 };
	uint64_t sum = 0;

	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] != UNKNOWN)
			sum += parts[i];
	return sum;
}

/* A footprint is near the peak from this part of the peak on. */
#define NEAR_PEAK_PART 0.98

/* Whether a look with this footprint may stand for the peak where the peak's own look saw less. */
static inline bool sample_is_near_peak(uint64_t footprint, uint64_t peak)
{
	return (double)footprint >= NEAR_PEAK_PART * (double)peak;
}

#endif

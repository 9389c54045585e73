/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/maxrss_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/page_walk_cost.h"
#include "base/units.h"
#include "base/unknown.h"

/* JobAcctGatherFrequency where a site sets none. */
#define POLL_DEFAULT_S 30

/* MAXRSS_AUTO lets Slurm's walks take this part of a core. */
#define WORST_CASE_PART 0.10

unsigned maxrss_poll_seconds(const char *frequency)
{
	const char *task = frequency ? strcasestr(frequency, "task=") : NULL;

	if (task)
		return (unsigned)strtoul(task + 5, NULL, 10);
	return frequency && strspn(frequency, "0123456789") ? (unsigned)strtoul(frequency, NULL, 10)
							    : POLL_DEFAULT_S;
}

double maxrss_cost(uint64_t rss, unsigned poll_s)
{
	double walk_ns = (double)rss / (double)GIB * (double)PAGE_WALK_NS_PER_GIB;

	return poll_s ? walk_ns / (double)NS_PER_S / poll_s : 0;
}

static bool worst_case_is_cheap(
	const struct slurm_settings *s, uint64_t limit, unsigned cpus, char *why, size_t size)
{
	double part;

	if (!s->poll_s)
		return true;
	if (limit == UNKNOWN) {
		snprintf(why, size,
			"MaxRSS is left as it is: no memory limit tells what Slurm's PSS reads "
			"would cost; maxrss=pss forces it");
		return false;
	}
	part = maxrss_cost(limit, s->poll_s) * cpus;
	if (part <= WORST_CASE_PART)
		return true;
	snprintf(why, size,
		"MaxRSS is left as it is: Slurm's PSS reads could take %.0f %% of a core; "
		"maxrss=pss forces it",
		part * 100);
	return false;
}

bool maxrss_decide(enum maxrss_policy policy, const struct slurm_settings *s, uint64_t limit,
	unsigned cpus, char *why, size_t size)
{
	*why = '\0';
	if (policy == MAXRSS_LEAVE || s->uses_pss)
		return false;
	if (!s->readable || !s->gather_linux || s->no_shared) {
		/* Log nothing if nobody asked: the record has the truth anyway. */
		if (policy == MAXRSS_PSS)
			snprintf(why, size, "MaxRSS is left as it is: %s",
				!s->readable ? "built for another Slurm release"
					: s->gather_linux
					? "JobAcctGatherParams has NoShared"
					: "only jobacct_gather/linux can be corrected");
		return false;
	}
	return policy == MAXRSS_PSS || s->kill_on_limit ||
		worst_case_is_cheap(s, limit, cpus, why, size);
}

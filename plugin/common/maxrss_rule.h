/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether correcting Slurm's own MaxRSS is worth what it costs. Pure; ray_pss(8), MAXRSS. */
#ifndef RAYPSS_MAXRSS_RULE_H
#define RAYPSS_MAXRSS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/common/step_options.h"

/* What slurmstepd's own configuration says, as far as we use it. */
struct slurm_settings {
	bool readable; /* the configuration was found and is of the release we were built for */
	bool gather_linux; /* JobAcctGatherType=jobacct_gather/linux */
	bool no_shared; /* JobAcctGatherParams has NoShared */
	bool uses_pss; /* or UsePss, for all steps */
	bool kill_on_limit; /* or OverMemoryKill */
	unsigned poll_s; /* seconds between Slurm's polls, 0 = none */
	const char *conf; /* path of slurm.conf, or NULL */
};

/*
 * Whether to correct: auto does where OverMemoryKill would kill the step falsely, or where the
 * worst case of Slurm's page table walks (each CPU a process that maps the whole limit, at every
 * poll) stays below 10 % of a core. why gets one line where it is left alone.
 */
bool maxrss_decide(enum maxrss_wish wish, const struct slurm_settings *s, uint64_t limit,
	unsigned cpus, char *why, size_t size);

/*
 * The part of a core that Slurm's PSS reads take: each poll walks the page tables of all that the
 * processes map, rss bytes in sum.
 */
double maxrss_cost(uint64_t rss, unsigned poll_s);

/* From this part on the log says what could be done about it. */
#define MAXRSS_COST_ADVICE 0.05

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether correcting Slurm's own MaxRSS is worth its cost. Pure; ray_pss(8), MAXRSS. */
#ifndef RAYPSS_MAXRSS_RULE_H
#define RAYPSS_MAXRSS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/common/step_options.h"

/* The part of slurmstepd's own configuration that we use. */
struct slurm_settings {
	bool readable; /* the configuration was found and is of the release we were built for */
	bool gather_linux; /* JobAcctGatherType=jobacct_gather/linux */
	bool no_shared; /* JobAcctGatherParams has NoShared */
	bool uses_pss; /* JobAcctGatherParams has UsePss, for all steps */
	bool kill_on_limit; /* JobAcctGatherParams has OverMemoryKill */
	unsigned poll_s; /* seconds between Slurm's polls, 0 = none */
	const char *conf; /* path of slurm.conf, or NULL */
	const char *cluster; /* ClusterName, or NULL */
};

/*
 * Whether to correct MaxRSS. MAXRSS_AUTO corrects if OverMemoryKill would otherwise kill the step
 * falsely, or if the worst case of Slurm's page table walks takes at most 10 % of a core. In the
 * worst case each CPU has a process that maps the whole limit.
 * Example: 8 CPUs, 20 GiB, a poll every 30 s: corrected.
 * why gets one line if MaxRSS is left alone and a user could change that, else "".
 */
bool maxrss_decide(enum maxrss_policy policy, const struct slurm_settings *s, uint64_t limit,
	unsigned cpus, char *why, size_t size);

/* "task=30", "30" or "energy=10,task=5": seconds between Slurm's polls. NULL: Slurm's default. */
unsigned maxrss_poll_seconds(const char *frequency);

/*
 * The part of a core that Slurm's PSS reads take. Each poll walks the page tables of all processes;
 * rss: the sum of what they map, in bytes.
 */
double maxrss_cost(uint64_t rss, unsigned poll_s);

/* From this part of a core on the log advises maxrss=leave. */
#define MAXRSS_COST_ADVICE 0.05

#endif

/*
 * Correcting Slurm's own MaxRSS: with jobacct_gather/linux, "UsePss" in JobAcctGatherParams of this
 * one slurmstepd makes MaxRSS, sstat and OverMemoryKill use PSS for this step. ray_pss(8) tells
 * what that costs.
 */
#ifndef RAYPSS_MAXRSS_H
#define RAYPSS_MAXRSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

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

/* release: "MAJOR.MINOR" of the running Slurm. acctg_freq: the step's --acctg-freq, or NULL. */
struct slurm_settings slurm_settings_read(const char *release, const char *acctg_freq);

/*
 * Whether to correct: auto does where OverMemoryKill would kill the step falsely, or where the
 * worst case of Slurm's page table walks (each CPU a process that maps the whole limit, at every
 * poll) stays below 10 % of a core. why gets one line where it is left alone. Pure.
 */
bool maxrss_decide(enum maxrss_wish wish, const struct slurm_settings *s, uint64_t limit,
	unsigned cpus, char *why, size_t size);

/* Corrects this slurmstepd, before its first poll. 0 or -errno. */
int maxrss_correct(void);

#endif

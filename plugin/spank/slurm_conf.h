/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slurmstepd's own configuration, and the correction of MaxRSS in it. With jobacct_gather/linux,
 * "UsePss" in JobAcctGatherParams of this one slurmstepd makes MaxRSS, sstat and OverMemoryKill use
 * PSS for this step. ray_pss(8) tells what that costs.
 */
#ifndef RAYPSS_SLURM_CONF_H
#define RAYPSS_SLURM_CONF_H

#include "plugin/common/maxrss_rule.h"

/* release: "MAJOR.MINOR" of the running Slurm. acctg_freq: the step's --acctg-freq, or NULL. */
struct slurm_settings slurm_settings_read(const char *release, const char *acctg_freq);

/* Corrects this slurmstepd, before its first poll. 0 or -errno. */
int maxrss_correct(void);

#endif

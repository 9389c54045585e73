/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --ray-pss-accounting and SLURM_RAY_PSS_ACCOUNTING in every context of SPANK. */
#ifndef RAYPSS_SPANK_OPTION_H
#define RAYPSS_SPANK_OPTION_H

#include <slurm/spank.h>
#include <stdbool.h>

#include "plugin/common/plugstack.h"
#include "plugin/common/step_options.h"

/* slurm_spank_init: registers the option. */
void option_register(spank_t sp);

/* srun, sbatch, salloc: warns once of a wrong environment variable. It is then ignored. */
void option_check_environment(void);

/* slurmstepd: the site's settings. False, after one line in the log: they are wrong. */
bool option_site(int ac, char **av, struct site *site);

/* slurmstepd: what the user asked for, by the option, else by the environment. */
const struct step_options *option_of_step(spank_t sp);

#endif

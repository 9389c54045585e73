/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that has Slurm's configuration, and no accounting; loaded as part_conf.so. */
#include <slurm/slurm.h>

#pragma GCC visibility push(default)
extern slurm_conf_t slurm_conf;
#pragma GCC visibility pop

slurm_conf_t slurm_conf;

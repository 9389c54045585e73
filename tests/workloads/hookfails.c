/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SPANK plugin whose task_exit fails. Where plugstack.conf requires it, later plugins have none. */
#include <slurm/spank.h>

SPANK_PLUGIN(hookfails, 1)

int slurm_spank_task_exit(spank_t sp, int ac, char **av)
{
	(void)sp;
	(void)ac;
	(void)av;
	return ESPANK_ERROR;
}

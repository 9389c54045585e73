/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every SPANK hook of ray_pss.so, and which function serves it in which context. The hooks always
 * return success: any other value would fail the step. Only a wrong option of a user stops srun,
 * sbatch and salloc, before anything is launched (spank_option.c).
 */
#include <slurm/spank.h>

#include "plugin/spank/spank_option.h"
#include "plugin/spank/step.h"
#include "plugin/spank/step_refusal.h"

#pragma GCC visibility push(default)

SPANK_PLUGIN(ray_pss, 1)

spank_f slurm_spank_init;
spank_f slurm_spank_init_post_opt;
spank_f slurm_spank_task_init_privileged;
spank_f slurm_spank_task_init;
spank_f slurm_spank_task_post_fork;
spank_f slurm_spank_task_exit;
spank_f slurm_spank_exit;

#pragma GCC visibility pop

int slurm_spank_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	switch (spank_context()) {
	case S_CTX_LOCAL:
	case S_CTX_ALLOCATOR:
	case S_CTX_REMOTE:
		option_register(sp);
		break;
	default: /* slurmd, prologs and epilogs have no step */
		break;
	}
	return ESPANK_SUCCESS;
}

int slurm_spank_init_post_opt(spank_t sp, int ac, char **av)
{
	struct site site;

	switch (spank_context()) {
	case S_CTX_LOCAL:
	case S_CTX_ALLOCATOR:
		option_check_environment();
		break;
	case S_CTX_REMOTE:
		step_refusal_begin(option_of_step(sp));
		if (option_site(ac, av, &site))
			step_begin(sp, &site, option_of_step(sp));
		break;
	default:
		break;
	}
	return ESPANK_SUCCESS;
}

int slurm_spank_task_init_privileged(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	step_task_limits(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	step_task_init(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_post_fork(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	step_task_begin(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_exit(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	step_task_end(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_exit(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (spank_context() == S_CTX_REMOTE)
		step_end(sp);
	return ESPANK_SUCCESS;
}

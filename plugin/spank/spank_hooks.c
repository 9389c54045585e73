/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every SPANK hook of ray_pss.so, and which function serves it in which context. The hooks always
 * return success: any other value would fail the step. Only a wrong option of a user stops srun,
 * sbatch and salloc, before anything is launched (spank_option.c).
 */
#include <slurm/spank.h>

#include "plugin/spank/plugin_copy.h"
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
	if (!plugin_copy_is_first(HOOK_INIT))
		return ESPANK_SUCCESS;
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

	if (!plugin_copy_is_first(HOOK_INIT_POST_OPT)) {
		if (spank_context() == S_CTX_REMOTE)
			slurm_info("ray_pss: plugstack.conf has this plugin more than once; only "
				   "the first line holds");
		return ESPANK_SUCCESS;
	}
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
	if (plugin_copy_is_first(HOOK_TASK_INIT_PRIVILEGED))
		step_task_limits(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (plugin_copy_is_first(HOOK_TASK_INIT))
		step_task_init(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_post_fork(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (plugin_copy_is_first(HOOK_TASK_POST_FORK))
		step_task_begin(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_task_exit(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (plugin_copy_is_first(HOOK_TASK_EXIT))
		step_task_end(sp);
	return ESPANK_SUCCESS;
}

int slurm_spank_exit(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (plugin_copy_is_first(HOOK_EXIT) && spank_context() == S_CTX_REMOTE)
		step_end(sp);
	return ESPANK_SUCCESS;
}

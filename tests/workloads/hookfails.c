/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SPANK plugin that fails in one hook of a step, which its argument names. Where plugstack.conf
 * requires it, Slurm does not call that hook of the plugins behind it.
 */
#include <stdbool.h>
#include <string.h>
#include <slurm/spank.h>

SPANK_PLUGIN(hookfails, 1)

static int fail_in(const char *hook, int ac, char **av)
{
	bool here = spank_context() == S_CTX_REMOTE && ac == 1 && !strcmp(av[0], hook);

	/* Slurm before 25.05 starts the step all the same where the value is positive. */
	return here ? -1 : ESPANK_SUCCESS;
}

#define HOOK(hook)                                                                                 \
	int slurm_spank_##hook(spank_t sp, int ac, char **av)                                      \
	{                                                                                          \
		(void)sp;                                                                          \
		return fail_in(#hook, ac, av);                                                     \
	}

HOOK(init)
HOOK(init_post_opt)
HOOK(user_init)
HOOK(task_init_privileged)
HOOK(task_init)
HOOK(task_post_fork)
HOOK(task_exit)
HOOK(exit)

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugstack.conf may list the plugin more than once, for instance with "include *" and a backup of
 * its file. Then the first line holds, and the others do nothing.
 */
#ifndef RAYPSS_PLUGIN_COPY_H
#define RAYPSS_PLUGIN_COPY_H

#include <stdbool.h>

/* The hooks of a step, in the order in which a step has them. */
enum plugin_hook {
	HOOK_INIT,
	HOOK_INIT_POST_OPT,
	HOOK_TASK_INIT_PRIVILEGED,
	HOOK_TASK_INIT,
	HOOK_TASK_POST_FORK,
	HOOK_TASK_EXIT,
	HOOK_EXIT,
	HOOK_COUNT,
};

/*
 * Whether a hook is called for the first line. Slurm calls each hook once per line, all lines one
 * after another. To be called once at the begin of each hook, slurm_spank_init among them.
 */
bool plugin_copy_is_first(enum plugin_hook hook);

#endif

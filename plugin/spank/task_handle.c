/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/task_handle.h"

#include <string.h>

/*
 * struct spank_handle of Slurm's src/common: a magic number, the plugin, the hook, the step, the task
 * and the list of plugins; the same from 22.05 to 26.11. spank_get_item() checks the number, and a task
 * that is NULL has no status. So a longer handle of a later release, whose rest is NULL in the copy,
 * leaves the status unknown.
 */
enum { HANDLE_SIZE = 48, ROOM = 128, KEPT_MOST = 1024 };

static struct {
	_Alignas(void *) char handle[ROOM];
} kept[KEPT_MOST];

static uint32_t kept_n;

void task_handle_keep(spank_t sp)
{
	if (kept_n < KEPT_MOST)
		memcpy(kept[kept_n++].handle, sp, HANDLE_SIZE);
}

bool task_handle_status(uint32_t i, int *status)
{
	return i < kept_n &&
		spank_get_item((spank_t)kept[i].handle, S_TASK_EXIT_STATUS, status) ==
		ESPANK_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a task ended that no task_exit told of, because a required plugin before ours failed there.
 * Slurm knows the status until slurm_spank_exit, but gives it (S_TASK_EXIT_STATUS of spank.h) only for
 * a handle of the task, which is valid while a hook of the task runs. So a copy of one is kept.
 */
#ifndef RAYPSS_TASK_HANDLE_H
#define RAYPSS_TASK_HANDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <slurm/spank.h>

/* Call in task_post_fork of each task, with its handle. */
void task_handle_keep(spank_t sp);

/*
 * Call in slurm_spank_exit: the status of the task that was kept as number i, from 0, as wait(2) tells
 * it. False: it is not known, because the task never began, or is one of more than 1024.
 */
bool task_handle_status(uint32_t i, int *status);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells of the RSS of tasks that slurmstepd has waited for: ru_maxrss of getrusage(2). */
#ifndef RAYPSS_TASK_RSS_H
#define RAYPSS_TASK_RSS_H

#include <stdint.h>

#include "results/step_info.h"

struct task_rss {
	uint64_t before; /* bytes: of children before the tasks' programs; 0 = not known */
};

/* Call when the tasks are forked, before they execute their programs. */
void task_rss_begin(struct task_rss *t);

/*
 * Call when a task has ended. Raises task_rss and sets task_had_rss of the step_info; a process that
 * has waited for no children changes nothing.
 */
void task_rss_end(const struct task_rss *t, struct step_info *info);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/task_rss.h"

#include <sys/resource.h>

#include "base/units.h"

static uint64_t children_rss(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_CHILDREN, &usage) ? 0 : (uint64_t)usage.ru_maxrss * KIB;
}

void task_rss_begin(struct task_rss *t)
{
	t->before = children_rss();
}

/*
 * ru_maxrss has the memory before an exec, too: of raypssd's start, which shares slurmstepd's memory
 * until its exec, and of a task, a copy of slurmstepd that grows a little. Half more is neither.
 */
void task_rss_end(const struct task_rss *t, struct step_info *info)
{
	uint64_t rss = children_rss();

	if (rss > info->task_rss)
		info->task_rss = rss;
	info->task_had_rss = t->before && info->task_rss > t->before + t->before / 2;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/task_update.h"

#include <stddef.h>
#include <slurm/slurm.h>

#include "base/units.h"

static int collect(void *info, void *arg)
{
	struct task_update *u = arg;

	if (u->listed_n == TASK_FIGURES_MAX) {
		u->overflow = true;
		return 0;
	}
	u->listed[u->listed_n++] = info;
	return 0;
}

static uint64_t task_of(const struct task_update *u, void *info)
{
	const uint64_t *task = jobacct_value(info, u->layout.max_task, &u->layout);

	return task ? *task : UINT64_MAX;
}

static void learn_offset(struct task_update *u)
{
	uint64_t lowest = UINT64_MAX;

	if (u->listed_n != u->tasks)
		return;
	for (uint32_t i = 0; i < u->listed_n; i++) {
		uint64_t task = task_of(u, u->listed[i]);

		if (task < lowest)
			lowest = task;
	}
	if (lowest < u->first_task || lowest > UINT32_MAX)
		return;
	u->offset = lowest - u->first_task;
	u->offset_known = true;
}

/*
 * The sample has the tasks in the order in which they were launched, Slurm's list in the reverse
 * order: walking backwards from the last hit finds the next task at once.
 */
static const struct task_figure *figure_of(
	const struct task_sample *sample, uint64_t task, uint32_t *cursor)
{
	for (uint32_t i = 0; i < sample->tasks_n; i++) {
		*cursor = *cursor ? *cursor - 1 : sample->tasks_n - 1;
		if (sample->tasks[*cursor].task == task)
			return &sample->tasks[*cursor];
	}
	return NULL;
}

/* sacct and sstat print bytes where a value is not a multiple of a KiB. */
static uint64_t kib_up(uint64_t bytes)
{
	return (bytes + KIB - 1) / KIB * KIB;
}

static void write_figure(
	const struct jobacct_layout *layout, void *info, const struct task_figure *figure)
{
	uint64_t *max = jobacct_value(info, layout->max, layout);
	uint64_t *min = jobacct_value(info, layout->min, layout);
	uint64_t *total = jobacct_value(info, layout->total, layout);

	if (!max || !min || !total)
		return;
	/* Within a task Slurm's minimum is the maximum, too: it is a minimum over tasks. */
	*max = *min = kib_up(figure->peak);
	*total = kib_up(figure->now);
}

static uint64_t virtual_sum(const struct task_update *u)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < u->listed_n; i++) {
		uint64_t bytes = UINT64_MAX;

		if (u->api.getinfo(u->listed[i], JOBACCT_DATA_TOT_VSIZE, &bytes, 0) == 0 &&
			bytes != UINT64_MAX)
			sum += bytes;
	}
	return sum;
}

struct task_list_sums task_update(
	struct task_update *u, void *list, const struct task_sample *sample)
{
	uint32_t cursor = 0;

	u->listed_n = 0;
	u->overflow = false;
	u->api.each(list, collect, u);
	if (!u->offset_known)
		learn_offset(u);
	/* More tasks than were launched are not ours to judge. */
	for (uint32_t i = 0; sample && u->offset_known && !u->overflow && i < u->listed_n; i++) {
		uint64_t task = task_of(u, u->listed[i]);
		const struct task_figure *figure = figure_of(sample, task - u->offset, &cursor);

		if (figure && figure->peak != UNKNOWN)
			write_figure(&u->layout, u->listed[i], figure);
	}
	return (struct task_list_sums){ u->listed_n, virtual_sum(u) };
}

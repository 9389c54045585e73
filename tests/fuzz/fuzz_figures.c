/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of tasks in the shared block, as a raypssd that was taken over may tell it */
#include <errno.h>
#include <string.h>

#include "base/unknown.h"
#include "fuzz.h"
#include "plugin/common/task_figures.h"

const char fuzz_seeds[] = "fuzz/corpus/figures/*";

enum { MOST = 1 << 30 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct task_figures figures;
	static struct task_sample out;
	int rc;

	memset(&figures, 0, sizeof(figures));
	figures.written = 1;
	figures.samples[1] = (struct task_sample){ .footprint = 5,
		.tasks_n = 2,
		.tasks = { { 0, 0, 2, 3 }, { 1, 0, UNKNOWN, UNKNOWN } } };
	fuzz_patch(&figures, sizeof(figures), 1, data, size);
	rc = task_figures_read(&figures, MOST, &out);
	MUST(rc == 0 || rc == -ENODATA || rc == -EINVAL);
	if (rc)
		return 0;
	MUST(out.tasks_n <= TASK_FIGURES_MAX && out.footprint <= MOST);
	for (uint32_t i = 0; i < out.tasks_n; i++)
		MUST(out.tasks[i].peak == UNKNOWN ||
			(out.tasks[i].now <= out.tasks[i].peak && out.tasks[i].peak <= MOST));
	return 0;
}

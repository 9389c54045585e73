/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/exact_proof.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plugin/common/task_figures.h"
#include "plugin/spank/exact/gather_table.h"
#include "plugin/spank/exact/self_memory.h"

/*
 * The linker can make a part of the writable segments read-only after relocation. Writing what is
 * there shows it without a change; the kernel refuses where a store would end slurmstepd.
 */
static bool is_writable(uintptr_t table)
{
	void *functions[GATHER_FUNCTIONS];

	return !self_memory_read(table, functions, sizeof(functions)) &&
		!self_memory_write(table, functions, sizeof(functions));
}

static int table_find(struct exact_proof *p, char why[EXACT_WHY])
{
	int rc = gather_table_find(p->slurm.segments, p->slurm.segments_n, p->slurm.functions,
		self_memory_read, &p->table);

	if (rc == -ENOENT)
		snprintf(why, EXACT_WHY, "Slurm's table of the accounting plugin is not found");
	else if (rc == -ENOTUNIQ)
		snprintf(why, EXACT_WHY, "Slurm's table of the accounting plugin is found twice");
	else if (rc)
		snprintf(why, EXACT_WHY, "Slurm's memory cannot be searched: %s", strerror(-rc));
	if (rc == 0 && !is_writable(p->table)) {
		snprintf(why, EXACT_WHY, "Slurm's table of the accounting plugin is read-only");
		return -EROFS;
	}
	return rc;
}

int exact_prove(struct exact_proof *out, uint32_t tasks, char why[EXACT_WHY])
{
	const char *unknown = "";
	int rc;

	if (tasks == 0 || tasks > TASK_FIGURES_MAX) {
		snprintf(why, EXACT_WHY, "%u tasks on this node, exact figures take 1 to %d", tasks,
			TASK_FIGURES_MAX);
		return -E2BIG;
	}
	rc = slurm_parts_find(&out->slurm, why, EXACT_WHY);
	if (rc)
		return rc;
	rc = table_find(out, why);
	if (rc == 0) {
		rc = jobacct_layout_learn(&out->slurm.api, self_memory_read, self_memory_write,
			&out->layout, &unknown);
		if (rc)
			snprintf(why, EXACT_WHY, "%s", unknown);
	}
	if (rc)
		slurm_parts_release(&out->slurm);
	return rc;
}

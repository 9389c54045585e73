/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds the figures of all processes and shared objects up to those of the step. */
#ifndef RAYPSS_TOTALS_H
#define RAYPSS_TOTALS_H

#include "measure/procfs/fork_groups.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/process_table.h"
#include "measure/sample.h"

/*
 * Sets the sizes and counts of the sample, and in each row those figures that depend on other
 * processes: private, pss and uss.
 */
void totals_add_up(struct process_table *table, const struct fork_groups *groups,
	const struct objects *objects, struct sample *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds the figures of all processes and shared objects up to those of the step. */
#ifndef RAYPSS_TOTALS_H
#define RAYPSS_TOTALS_H

#include <stdint.h>

#include "measure/procfs/fork_groups.h"
#include "measure/procfs/objects.h"
#include "measure/procfs/process_table.h"
#include "measure/sample.h"

/* What is remembered from look to look. */
struct totals {
	uint64_t stack; /* of a thread in the kernel, bytes */
	uint64_t bound; /* greatest footprint, had each process had its greatest RSS at that look */
	/* Shared memory that PSS has shown where it cannot be measured, and what was mapped then. */
	uint64_t seen_shared;
	uint64_t seen_mapped;
};

void totals_init(struct totals *t, uint64_t page_size);

/* Sets what the row has from the process's status, which is read at a lower rate. */
void totals_row_status(const struct totals *t, struct process *p);

/*
 * Sets the sizes and counts of the sample, and in each row those figures that depend on other
 * processes.
 */
void totals_add_up(struct totals *t, struct process_table *table, const struct fork_groups *groups,
	const struct objects *objects, struct sample *out);

#endif

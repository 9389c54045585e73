/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/totals.h"

#include "measure/procfs/pagewalk.h"

/* PSS and USS in the row only while they fit the process's present size. */
static void row_pss(const struct process *p, uint64_t sharing)
{
	bool fresh = pagewalk_is_fresh(p, sharing);

	p->row->pss = fresh ? p->smaps.pss : UNKNOWN;
	p->row->uss = fresh ? p->smaps.uss : UNKNOWN;
	p->row->pss_at_ns = fresh ? p->pss_ns : UNKNOWN;
}

void totals_add_up(struct process_table *table, const struct fork_groups *groups,
	const struct objects *objects, struct sample *out)
{
	struct object_totals shared = objects_totals(objects);
	uint64_t sharing = pagewalk_sharing(table), pss_shmem = 0, rss_file = 0, unscanned = 0;

	out->private = out->kernel = out->swap = out->rss = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);
		struct look_process *row = p->row;

		row->private = p->unreadable ? row->rss : fork_groups_private(groups, p);
		row_pss(p, sharing);
		if (!p->size && !p->unreadable) {
			/* A zombie has no memory, whatever its last status said. */
			row->shmem = row->pte = row->swap = 0;
			continue;
		}
		out->processes++;
		out->unreadable += p->unreadable;
		out->private += row->private;
		out->kernel += row->pte;
		out->swap += row->swap;
		out->rss += row->rss;
		rss_file += p->status.rss_file;
		unscanned += p->whole_ns ? 0 : p->status.rss_file;
		if (row->pss != UNKNOWN)
			pss_shmem += p->smaps.pss_shmem;
		out->unmeasured += p->unmeasured;
	}
	out->shared = shared.shared;
	/* Where we may not stat through mappings, the PSS that was read is a lower bound. */
	if (out->unmeasured && out->shared < pss_shmem)
		out->shared = pss_shmem;
	out->store = shared.store;
	out->fallback = shared.fallback;
	/* Each process's own libraries count in rss_file, each mapped file once in objects. */
	out->file = shared.file + unscanned < rss_file ? shared.file + unscanned : rss_file;
}

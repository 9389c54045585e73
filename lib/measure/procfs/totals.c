/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/totals.h"

#include "base/kernel_stack.h"
#include "measure/procfs/pagewalk.h"

void totals_init(struct totals *t, uint64_t page_size)
{
	*t = (struct totals){ .stack = kernel_stack_bytes(page_size) };
}

/* What is added up beside the sample. */
struct sums {
	uint64_t sharing; /* as pagewalk_sharing */
	uint64_t pss_shmem;
	uint64_t mapped; /* RssShmem */
	uint64_t rss_file;
	uint64_t unscanned; /* the part of rss_file whose files are not known yet */
	uint64_t rise; /* by how much the processes were bigger at some time */
};

/* PSS and USS in the row only while they fit the process's present size. */
static void row_pss(const struct process *p, uint64_t sharing)
{
	bool fresh = pagewalk_is_fresh(p, sharing);

	p->row->pss = fresh ? p->smaps.pss : UNKNOWN;
	p->row->uss = fresh ? p->smaps.uss : UNKNOWN;
	p->row->pss_at_ns = fresh ? p->pss_ns : UNKNOWN;
}

/* A process whose memory is not the step's, or is another row's. */
static void row_empty(struct look_process *row)
{
	row->private = row->shmem = row->swap = row->kernel = row->pss = row->uss = 0;
	row->pss_at_ns = UNKNOWN;
}

/* Kernel stacks are each thread's own, whoever has the address space. */
static void row_fill(const struct totals *t, const struct fork_groups *groups,
	const struct process *p, uint64_t sharing)
{
	struct look_process *row = p->row;

	if (p->mm_owner) {
		row_empty(row);
	} else {
		row->private = p->unreadable ? row->rss : fork_groups_private(groups, p);
		row->shmem = p->status.rss_shmem;
		row->swap = p->status.swap;
		row->kernel = p->status.pte;
		row_pss(p, sharing);
	}
	row->kernel += p->status.threads * t->stack;
}

static void process_add_up(const struct process *p, struct sums *sums, struct sample *out)
{
	const struct look_process *row = p->row;

	out->unreadable += p->unreadable;
	out->private += row->private;
	out->kernel += row->kernel;
	out->swap += row->swap;
	out->rss += row->rss;
	out->unmeasured += p->unmeasured;
	if (p->mm_owner)
		return;
	sums->mapped += row->shmem;
	sums->rss_file += p->status.rss_file;
	sums->unscanned += p->whole_ns ? 0 : p->status.rss_file;
	if (row->pss != UNKNOWN)
		sums->pss_shmem += p->smaps.pss_shmem;
	if (p->status.hwm > row->rss)
		sums->rise += p->status.hwm - row->rss;
}

/*
 * Where we may not stat through mappings, the PSS that was read is a lower bound. PSS is read within
 * a budget, so a look with many new processes has read less of it than an earlier one. What has been
 * read stands as long as no less is mapped; otherwise a look that knew more would pass for a peak.
 */
static uint64_t shared_by_pss(struct totals *t, const struct sums *sums)
{
	if (sums->mapped < t->seen_mapped) {
		t->seen_shared = (uint64_t)((double)t->seen_shared * (double)sums->mapped /
			(double)t->seen_mapped);
		t->seen_mapped = sums->mapped;
	}
	if (sums->pss_shmem > t->seen_shared) {
		t->seen_shared = sums->pss_shmem;
		t->seen_mapped = sums->mapped;
	}
	return t->seen_shared;
}

void totals_add_up(struct totals *t, struct process_table *table, const struct fork_groups *groups,
	const struct objects *objects, struct sample *out)
{
	struct object_totals shared = objects_totals(objects);
	struct sums sums = { .sharing = pagewalk_sharing(table) };
	uint64_t by_pss, bound;

	out->private = out->kernel = out->swap = out->rss = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		const struct process *p = process_at(table, i);

		if (p->copy)
			p->row->rss = p->row->file_shmem = 0;
		if (p->copy || (!p->size && !p->unreadable)) {
			/* A zombie has no memory, whatever its last status said. */
			row_empty(p->row);
			out->processes += p->size != 0;
			continue;
		}
		out->processes++;
		row_fill(t, groups, p, sums.sharing);
		process_add_up(p, &sums, out);
	}
	out->shared = shared.shared;
	by_pss = shared_by_pss(t, &sums);
	if (out->unmeasured && out->shared < by_pss)
		out->shared = by_pss;
	out->store = shared.store;
	out->fallback = shared.fallback;
	/* Each process's own libraries count in rss_file, each mapped file once in objects. */
	out->file = shared.file + sums.unscanned < sums.rss_file ? shared.file + sums.unscanned
								 : sums.rss_file;
	bound = sample_footprint(out) + sums.rise;
	if (bound > t->bound)
		t->bound = bound;
}

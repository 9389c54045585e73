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
	uint64_t rss_file;
	uint64_t unscanned; /* greatest RssFile of a process whose files are not known yet */
	uint64_t
		unscanned_shared; /* greatest RssShmem of a process that is not scanned whole, or never */
	uint64_t huge; /* private huge pages */
	uint64_t rise; /* by how much more the processes may have had in use at some time */
};

/* PSS and USS in the row only while they fit the process's present size. */
static void row_pss(const struct process *p, uint64_t sharing)
{
	bool fresh = pagewalk_is_fresh(p, sharing);

	p->row->pss = fresh ? p->smaps.pss : UNKNOWN;
	p->row->uss = fresh ? p->smaps.uss : UNKNOWN;
	p->row->lazyfree = fresh ? p->smaps.lazyfree : UNKNOWN;
	p->row->pss_at_ns = fresh ? p->pss_ns : UNKNOWN;
}

/* A process whose memory is not the step's, or is another row's. */
static void row_empty(struct look_process *row)
{
	row->private = row->spared = row->shmem = row->swap = row->kernel = 0;
	row->pss = row->uss = row->lazyfree = 0;
	row->pss_at_ns = UNKNOWN;
}

/* Of a task that has not executed its program yet only the stack in the kernel is its own. */
static void row_copy(const struct totals *t, struct look_process *row)
{
	row_empty(row);
	row->rss = row->file_shmem = 0;
	row->kernel = t->stack;
}

/* Kernel stacks are each thread's own, whoever counts the address space. */
static void row_share(const struct totals *t, const struct process *p)
{
	row_empty(p->row);
	p->row->kernel = p->status.threads * t->stack;
}

void totals_row_status(const struct totals *t, struct process *p)
{
	p->row->shmem = p->status.rss_shmem;
	p->row->swap = p->status.swap;
	p->row->kernel = p->status.pte + p->status.threads * t->stack;
}

/*
 * The process's huge pages that belong to no object. Private pages that forked processes still have
 * in common count for each of them, an upper bound.
 */
static uint64_t private_huge(const struct process *p)
{
	return p->status.hugetlb > p->huge_mapped ? p->status.hugetlb - p->huge_mapped : 0;
}

/*
 * Lazily freed memory may be written again without any trace in the RSS, so it is left out only where
 * this very look has read the process. Anonymous and LazyFree are of one read; statm is older, and
 * memory that came since may be lazily freed already. Pss_Anon of a fork group has merged pages by
 * their parts, and lazily freed pages in parts that are not known.
 */
static void row_private(struct process *p, const struct fork_groups *groups, uint64_t now_ns)
{
	uint64_t resident = p->unreadable ? p->row->rss : fork_groups_private(groups, p);
	uint64_t used = resident;

	if (!p->forked && p->smaps.lazyfree && p->pss_ns == now_ns) {
		uint64_t dirty = p->smaps.anonymous > p->smaps.lazyfree
			? p->smaps.anonymous - p->smaps.lazyfree
			: 0;

		if (dirty < used)
			used = dirty;
	}
	if (!p->forked)
		used -= p->merged < used ? p->merged : used;
	p->row->private = used;
	p->row->spared = resident - used;
}

/*
 * By how much more the process may have had in use at some time. VmHWM counts what the process mapped,
 * too: what a look saw mapped and is not any more was counted then as shared, once for all processes.
 */
static uint64_t rise_of(struct process *p)
{
	uint64_t unmapped, rise;

	if (p->row->file_shmem > p->mapped_most)
		p->mapped_most = p->row->file_shmem;
	if (p->status.hwm <= p->row->rss)
		return 0;
	unmapped = p->mapped_most - p->row->file_shmem;
	rise = p->status.hwm - p->row->rss;
	return rise > unmapped ? rise - unmapped : 0;
}

static void process_add_up(struct process *p, struct sums *sums, struct sample *out)
{
	const struct look_process *row = p->row;

	out->unreadable += p->unreadable;
	out->private += row->private;
	out->spared += row->spared;
	out->merged += p->merged;
	out->swap += row->swap;
	out->unmeasured += p->unmeasured;
	sums->rss_file += p->status.rss_file;
	sums->huge += private_huge(p);
	if (!p->whole_ns && p->status.rss_file > sums->unscanned)
		sums->unscanned = p->status.rss_file;
	if ((p->shunned || p->scan.missing || p->sealed) && row->shmem > sums->unscanned_shared)
		sums->unscanned_shared = row->shmem;
	if (row->pss != UNKNOWN)
		sums->pss_shmem += p->smaps.pss_shmem;
	sums->rise += rise_of(p);
	/* Before it was given back or merged, this memory was in use. */
	sums->rise += row->spared;
}

/*
 * Where we may not stat through mappings, the PSS that was read is a lower bound. PSS is read within
 * a budget, so a look with many new processes has read less of it than an earlier one. What has been
 * read stands as long as no less is mapped; otherwise a look that knew more would pass for a peak.
 */
static uint64_t shared_by_pss(
	struct totals *t, const struct process_table *table, const struct sums *sums)
{
	const struct look_process *rows = process_rows(table);
	uint64_t mapped = 0;

	for (unsigned i = 0; i < process_count(table); i++)
		mapped += rows[i].shmem;
	if (mapped < t->seen_mapped) {
		t->seen_shared = (uint64_t)((double)t->seen_shared * (double)mapped /
			(double)t->seen_mapped);
		t->seen_mapped = mapped;
	}
	if (sums->pss_shmem > t->seen_shared) {
		t->seen_shared = sums->pss_shmem;
		t->seen_mapped = mapped;
	}
	return t->seen_shared;
}

/*
 * Only status tells shared memory from file pages, and it is read at a lower rate. Since then most
 * growth is shared memory: file pages are those of the program.
 */
static uint64_t shmem_now(const struct process *p)
{
	uint64_t file = p->status.rss_file;

	if (!p->status_ns || p->unreadable)
		return p->row->shmem;
	return p->row->file_shmem > file ? p->row->file_shmem - file : 0;
}

void totals_add_up(struct totals *t, struct process_table *table, const struct fork_groups *groups,
	const struct objects *objects, struct sample *out)
{
	struct object_totals shared = objects_totals(objects);
	struct sums sums = { .sharing = pagewalk_sharing(table) };
	uint64_t bound;

	out->private = out->kernel = out->swap = out->rss = out->spared = out->merged = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);

		if (!p->size && !p->unreadable) {
			/* A zombie has no memory, whatever its last status said. */
			row_empty(p->row);
			continue;
		}
		out->processes++;
		if (p->copy) {
			row_copy(t, p->row);
			out->kernel += p->row->kernel;
			continue;
		}
		if (p->mm_owner) {
			row_share(t, p);
		} else {
			row_private(p, groups, out->at_ns);
			p->row->shmem = shmem_now(p);
			row_pss(p, sums.sharing);
			process_add_up(p, &sums, out);
		}
		out->kernel += p->row->kernel;
		out->rss += p->row->rss;
	}
	/* Such processes may map the same objects, so only the greatest is certain. */
	out->shared = shared.shared > sums.unscanned_shared ? shared.shared : sums.unscanned_shared;
	if (out->unmeasured) {
		uint64_t by_pss = shared_by_pss(t, table, &sums);

		if (out->shared < by_pss)
			out->shared = by_pss;
	}
	out->store = shared.store;
	out->fallback = shared.fallback;
	/*
	 * rss_file has a file once for each process, objects once. New processes mostly map the files of
	 * others, or of one another, so of those that are not scanned yet only the greatest counts.
	 */
	out->file = shared.file > sums.unscanned ? shared.file : sums.unscanned;
	if (out->file > sums.rss_file)
		out->file = sums.rss_file;
	/* A part of file: what several large processes have locked counts once, too. */
	out->locked = shared.locked < out->file ? shared.locked : out->file;
	out->hugetlb = shared.huge + sums.huge;
	bound = sample_footprint(out) + sums.rise;
	if (bound > t->bound)
		t->bound = bound;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/address_spaces.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

void address_spaces_init(struct address_spaces *a, int proc_fd)
{
	struct statfs fs;

	*a = (struct address_spaces){
		.asks = fstatfs(proc_fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC,
	};
}

/* What statm says of both. The figures of a busy process change between two reads. */
static bool figures_equal(const struct process *x, const struct process *y)
{
	return x->size == y->size && x->row->rss == y->row->rss &&
		x->row->file_shmem == y->row->file_shmem;
}

/*
 * A forked child differs from its parent: the child has no page tables for files, and its VmHWM
 * begins with its own RSS.
 */
static bool looks_shared(const struct process *x, const struct process *y)
{
	return figures_equal(x, y) && x->status.hwm && x->status.hwm == y->status.hwm &&
		x->status.pte == y->status.pte;
}

enum answer { SHARED, SEPARATE, REFUSED };

static enum answer ask(struct address_spaces *a, const struct process_table *table,
	const struct process *x, const struct process *y)
{
	bool asks = a->asks && !x->shunned && !y->shunned && process_reading(table, x->pid);
	long rc = asks ? syscall(SYS_kcmp, x->via, y->via, KCMP_VM, 0, 0) : -1;

	if (rc >= 0)
		return rc == 0 ? SHARED : SEPARATE;
	if (asks && errno == ESRCH)
		return SEPARATE;
	/* No right for these two, a filter for system calls, or a kernel without kcmp. */
	return REFUSED;
}

/* Separate address spaces stay separate, so nobody is asked twice about the same process. */
static bool is_known_separate(const struct process *p, const struct process *other)
{
	for (unsigned i = 0; i < MM_SEPARATE; i++)
		if (p->mm_separate[i].pid == other->pid &&
			p->mm_separate[i].start == other->row->start)
			return true;
	return false;
}

static bool is_shared(struct address_spaces *a, const struct process_table *table,
	struct process *p, const struct process *other, bool parent)
{
	enum answer answer;

	if (is_known_separate(p, other))
		return false;
	answer = ask(a, table, p, other);
	if (answer == SEPARATE) {
		p->mm_separate[p->mm_separate_n++ % MM_SEPARATE] =
			(struct process_id){ other->pid, other->row->start };
		return false;
	}
	return answer == SHARED || (parent && looks_shared(p, other));
}

static struct process *owner_of(const struct process_table *table, struct process *p)
{
	while (p->mm_owner)
		p = process_find(table, p->mm_owner);
	return p;
}

static void join(const struct process_table *table, struct process *p, struct process *other)
{
	struct process *from = owner_of(table, p), *to = owner_of(table, other);

	if (from != to)
		from->mm_owner = to->pid;
}

static bool is_candidate(const struct process *p)
{
	return p->size && !p->copy;
}

void address_spaces_find(struct address_spaces *a, const struct process_table *table,
	struct process *const *group, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		group[i]->mm_owner = 0;
	for (unsigned i = 0; i < n; i++) {
		struct process *p = group[i], *parent = process_find(table, p->row->ppid);

		if (!is_candidate(p))
			continue;
		if (parent && parent->start_stack == p->start_stack &&
			parent->start_brk == p->start_brk && is_candidate(parent) &&
			is_shared(a, table, p, parent, true))
			join(table, p, parent);
		/* The parent may have ended, or be another one's: CLONE_PARENT. */
		else if (i && is_candidate(group[i - 1]) && figures_equal(p, group[i - 1]) &&
			is_shared(a, table, p, group[i - 1], false))
			join(table, p, group[i - 1]);
	}
	for (unsigned i = 0; i < n; i++) {
		struct process *owner = owner_of(table, group[i]);
		bool shared = owner != group[i];

		/* The row of a process that counts itself again needs its status. */
		if (!shared && group[i]->mm_shared)
			group[i]->status_ns = 0;
		group[i]->mm_shared = shared;
		if (shared)
			group[i]->mm_owner = owner->pid;
		a->any |= shared;
	}
}

bool address_spaces_hold(struct address_spaces *a, const struct process_table *table)
{
	unsigned n = a->any ? process_count(table) : 0;

	for (unsigned i = 0; i < n; i++) {
		const struct process *p = process_at(table, i), *owner;

		if (!p->mm_owner)
			continue;
		owner = process_find(table, p->mm_owner);
		if (!owner || !owner->size || !p->size)
			return false;
		if (!figures_equal(p, owner) && ask(a, table, p, owner) == SEPARATE)
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/fork_groups.h"

#include <stdlib.h>

void fork_groups_init(struct fork_groups *g, int proc_fd)
{
	*g = (struct fork_groups){ 0 };
	address_spaces_init(&g->spaces, proc_fd);
}

void fork_groups_clear(struct fork_groups *g)
{
	free(g->unread);
	*g = (struct fork_groups){ 0 };
}

static uint64_t anonymous(const struct process *p)
{
	return p->row->rss > p->row->file_shmem ? p->row->rss - p->row->file_shmem : 0;
}

static int group_order(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a;
	const struct process *y = *(struct process *const *)b;

	if (x->start_stack != y->start_stack)
		return x->start_stack < y->start_stack ? -1 : 1;
	if (x->start_brk != y->start_brk)
		return x->start_brk < y->start_brk ? -1 : 1;
	return 0;
}

/* Processes that share an address space stand next to one another. */
static int figure_order(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a;
	const struct process *y = *(struct process *const *)b;
	int order = group_order(a, b);

	if (order)
		return order;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return (x->row->rss > y->row->rss) - (x->row->rss < y->row->rss);
}

static void group_join(struct process *p, unsigned group, bool forked, bool leader)
{
	p->forked = forked;
	p->fork_group = group;
	p->fork_leader = leader;
	if (!forked)
		return;
	/* Group membership changed, so earlier PSS values are stale. */
	p->fork_base = anonymous(p);
	p->pss_ns = p->walk_ns = 0;
}

/* Whether the process has memory that may be another one's, too. */
static bool has_pages(const struct process *p)
{
	return p->size && !p->copy && !p->mm_owner;
}

/* From now on the process counts its memory itself, and shows what its status says again. */
static void owner_clear(struct process *p)
{
	if (p->mm_owner)
		p->status_ns = 0;
	p->mm_owner = 0;
}

/* group: processes with equal addresses, order[0] to order[n - 1]. */
static void group_form(struct fork_groups *g, const struct process_table *table,
	struct process *const *order, unsigned n, unsigned group)
{
	const struct process *leader = NULL;
	bool related = n > 1 && order[0]->start_stack;
	unsigned members = 0;

	if (related)
		address_spaces_find(&g->spaces, table, order, n);
	for (unsigned i = 0; i < n; i++) {
		if (!related)
			owner_clear(order[i]);
		if (!has_pages(order[i]))
			continue;
		members++;
		if (!leader || anonymous(order[i]) > anonymous(leader))
			leader = order[i];
	}
	g->any |= related && members > 1;
	for (unsigned i = 0; i < n; i++) {
		bool forked = related && members > 1 && has_pages(order[i]);

		order[i]->related = related && order[i]->size;
		group_join(order[i], group, forked, order[i] == leader);
	}
}

void fork_groups_update(struct fork_groups *g, struct process_table *table)
{
	unsigned n = process_count(table);
	struct process **order = malloc(n * sizeof(*order));
	unsigned *unread = calloc(n, sizeof(*unread));

	if (!order || !unread) {
		free(order);
		free(unread);
		return;
	}
	free(g->unread);
	g->unread = unread;
	g->any = g->spaces.any = false;
	for (unsigned i = 0; i < n; i++)
		order[i] = process_at(table, i);
	qsort(order, n, sizeof(*order), figure_order);
	for (unsigned i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !group_order(&order[i], &order[end]);)
			end++;
		group_form(g, table, order + i, end - i, i);
	}
	free(order);
	g->stale = false;
}

void fork_groups_count(struct fork_groups *g, struct process_table *table)
{
	unsigned n = g->any ? process_count(table) : 0;

	for (unsigned i = 0; i < n; i++)
		if (process_at(table, i)->forked)
			g->unread[process_at(table, i)->fork_group] = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct process *p = process_at(table, i);

		if (p->forked && p->size && !p->pss_ns)
			g->unread[p->fork_group]++;
	}
}

/*
 * A process of a fork group counts its part of the common pages (Pss_Anon, read within a budget)
 * and whatever it grew since. Until every member was read, the largest member counts in full and
 * the others count what they grew. Otherwise a child between fork and exec would look like a peak,
 * and parts read with different numbers of sharers would be added up.
 */
uint64_t fork_groups_private(const struct fork_groups *g, const struct process *p)
{
	uint64_t now = anonymous(p), then = p->smaps.anonymous;

	if (!p->forked)
		return now;
	if (g->unread[p->fork_group])
		return p->fork_leader ? now : now > p->fork_base ? now - p->fork_base : 0;
	if (now >= then)
		return p->smaps.pss_anon + (now - then);
	return p->smaps.pss_anon > then - now ? p->smaps.pss_anon - (then - now) : 0;
}

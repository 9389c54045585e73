/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_tree.h"

#include <errno.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct step_tree_process *one = a, *other = b;

	if (one->parent != other->parent)
		return one->parent < other->parent ? -1 : 1;
	return (one->pid > other->pid) - (one->pid < other->pid);
}

int step_tree_create(struct step_tree *t, const struct look *look)
{
	*t = (struct step_tree){ 0 };
	if (!look->processes_n)
		return 0;
	t->by_parent = calloc(look->processes_n, sizeof(*t->by_parent));
	if (!t->by_parent)
		return -ENOMEM;
	for (unsigned i = 0; i < look->processes_n; i++) {
		const struct look_process *p = &look->processes[i];

		t->by_parent[t->n++] = (struct step_tree_process){ p->ppid, p->pid, p->start };
	}
	qsort(t->by_parent, t->n, sizeof(*t->by_parent), compare);
	return 0;
}

/* The first child of a parent, or where it would be. */
static unsigned first_child(const struct step_tree *t, pid_t parent)
{
	unsigned low = 0, high = t->n;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (t->by_parent[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

unsigned step_tree_below(
	const struct step_tree *t, pid_t root, struct step_tree_process *found, unsigned max)
{
	pid_t parent = root;
	unsigned n = 0;

	/* Each process has one parent. So none comes twice, but for a look that saw a pid twice. */
	for (unsigned next = 0; n < max; parent = found[next++].pid) {
		for (unsigned i = first_child(t, parent); i < t->n && n < max; i++) {
			if (t->by_parent[i].parent != parent)
				break;
			found[n++] = t->by_parent[i];
		}
		if (next >= n)
			break;
	}
	return n;
}

void step_tree_destroy(struct step_tree *t)
{
	free(t->by_parent);
	*t = (struct step_tree){ 0 };
}

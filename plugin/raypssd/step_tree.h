/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The step's processes by parent, as one look saw them. */
#ifndef RAYPSS_STEP_TREE_H
#define RAYPSS_STEP_TREE_H

#include <stdint.h>
#include <sys/types.h>

#include "measure/look.h"

struct step_tree_process {
	pid_t parent;
	pid_t pid;
	uint64_t start; /* as in struct look_process */
};

struct step_tree {
	struct step_tree_process *by_parent; /* sorted */
	unsigned n;
};

/* Makes the tree of a look's processes. 0 or -ENOMEM: the tree is empty. */
int step_tree_create(struct step_tree *t, const struct look *look);

/*
 * The processes below root, nearest first: children, then their children, and so on; at most max.
 * Returns how many there are in found.
 */
unsigned step_tree_below(
	const struct step_tree *t, pid_t root, struct step_tree_process *found, unsigned max);

/* Frees the tree, also an empty one. */
void step_tree_destroy(struct step_tree *t);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of processes that raypss top accounts itself, without Slurm. */
#ifndef RAYPSS_TOP_TREE_H
#define RAYPSS_TOP_TREE_H

#include "tools/top/top_view.h"

/*
 * Attaches to a process and its descendants, also those that are made later. interval_ns: longest
 * time between two reads. 0 and a source, or -errno: -ESRCH where there is no such process.
 */
int top_tree_create(pid_t pid, uint64_t interval_ns, struct top_source **out);

/* One line for the user, without its end, if not every sample could be taken as usual; else NULL. */
const char *top_tree_trouble(const struct top_source *source);

/* Does nothing with NULL. */
void top_tree_destroy(struct top_source *source);

#endif

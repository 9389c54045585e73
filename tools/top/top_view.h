/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What raypss top shows of one running step, or of a tree of processes, and where that comes from:
 * live files of steps (top_steps.h), or raypss's own look at processes (top_tree.h).
 */
#ifndef RAYPSS_TOP_VIEW_H
#define RAYPSS_TOP_VIEW_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/live.h"
#include "tools/metrics/live_list.h"

struct top_view {
	struct live_step step; /* figures, age and, of a step, its name and user */
	pid_t pid; /* root of a tree of processes, 0 = a step */
	uint64_t unreadable; /* processes of the tree that are counted by their RSS */
	/* Lists as in a record, each NULL where there is none. */
	json_t *top;
	json_t *tasks;
	int64_t lists_s; /* seconds since the epoch: when the lists were current; 0 = now */
};

struct top_views {
	size_t n;
	struct top_view *list; /* allocated */
};

struct top_source {
	/* Reads all figures anew. 0 or -errno; -ESRCH: there is nothing to show (any more). */
	int (*read)(struct top_source *s, struct top_views *out);
	/* Fills in a view's lists. NULL: read() does that. */
	void (*lists)(struct top_source *s, struct top_view *v);
	/* When the next read is due, CLOCK_MONOTONIC. */
	uint64_t (*due_ns)(const struct top_source *s);
};

/* Frees the views and their lists. */
void top_views_clear(struct top_views *views);

/* A view as JSON: the figures under their names in the live file. A new reference. */
json_t *top_view_json(const struct top_view *v);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/tree_source.h"

#include <stdlib.h>

struct tree_source {
	struct source source;
	struct processes *processes;
	struct members *members;
	uint64_t limit;
};

static int tree_members(struct source *source, uint64_t now_ns)
{
	struct tree_source *s = (struct tree_source *)source;

	return members_discover(s->members, now_ns);
}

static int tree_sample(
	struct source *source, uint64_t now_ns, enum source_depth depth, struct look *look)
{
	struct tree_source *s = (struct tree_source *)source;
	int rc;

	(void)depth; /* the totals are sums over the processes, so each look reads them all */
	look->source = SOURCE_PROCFS;
	look->limit = s->limit;
	rc = processes_look(s->processes, source, now_ns, &look->sample);
	look->bound = processes_bound(s->processes);
	return rc;
}

static void tree_close(struct source *source)
{
	free(source);
}

struct source *tree_source_create(
	struct processes *processes, struct members *members, uint64_t limit)
{
	static const struct source_functions functions = { tree_members, tree_sample,
		source_watch_nothing, source_never_woken, tree_close };
	struct tree_source *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct tree_source){ .source = { .functions = &functions },
		.processes = processes,
		.members = members,
		.limit = limit };
	return &s->source;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/top/top_steps.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "results/figure.h"
#include "results/job_node.h"

static bool is_wanted(const struct top_steps *s, const struct live_name *name)
{
	return (!s->job || name->job == s->job) && (!s->step || !strcmp(name->step, s->step));
}

static int steps_read(struct top_source *source, struct top_views *out)
{
	struct top_steps *s = (struct top_steps *)source;
	struct live_list all;
	int rc = live_list_read(STATE_DIR, &all);

	*out = (struct top_views){ 0 };
	s->read_ns = monotonic_ns();
	if (rc)
		return rc;
	s->left_out = all.left_out;
	out->list = calloc(all.n + 1, sizeof(*out->list));
	for (size_t i = 0; out->list && i < all.n; i++)
		if (is_wanted(s, &all.steps[i].name))
			out->list[out->n++].step = all.steps[i];
	live_list_clear(&all);
	return !out->list ? -ENOMEM : out->n ? 0 : -ESRCH;
}

/* Takes over the lists of the step's record on this node. */
static void record_take(const json_t *record, void *arg)
{
	struct top_view *v = arg;
	struct job_node node;
	int64_t at;

	if (job_node_read(record, &node))
		return;
	at = (int64_t)((figure_or_0(node.start_ms) + figure_or_0(node.elapsed_ns) / NS_PER_MS) /
		1000);
	/* A job that was requeued has records of earlier runs. */
	if (!strcmp(node.step, v->step.name.step) && !strcmp(node.node, v->step.name.node) &&
		at > v->lists_s) {
		json_decref(v->top);
		json_decref(v->tasks);
		v->top = json_incref(json_object_get(record, "top"));
		v->tasks = json_incref(json_object_get(record, "tasks"));
		v->lists_s = at;
	}
	job_node_clear(&node);
}

static void steps_lists(struct top_source *source, struct top_view *v)
{
	const struct top_steps *s = (const struct top_steps *)source;
	char cluster[CLUSTER_SIZE];

	if (spools_find(s->spools, "top", v->step.name.job, cluster) == 0)
		/* A step has no record before its first sample. */
		(void)spools_each_record(s->spools, cluster, v->step.name.job, record_take, v);
}

static uint64_t steps_due_ns(const struct top_source *source)
{
	const struct top_steps *s = (const struct top_steps *)source;

	return s->read_ns + s->interval_ns;
}

void top_steps_init(struct top_steps *s)
{
	s->source = (struct top_source){ steps_read, steps_lists, steps_due_ns };
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_step.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "results/figure.h"

struct job_step job_step_of(const struct job_node *n)
{
	struct job_step s;

	/* With its padding, since summaries are written to files as they are. */
	memset(&s, 0, sizeof(s));
	memcpy(s.step, n->step, sizeof(s.step));
	s.nodes = n->nodes;
	s.reported = job_node_has_ended(n);
	if (s.reported && n->node_index < JOB_STEP_NODES)
		s.on = 1ULL << n->node_index;
	s.peak = n->footprint;
	s.limit = n->limit;
	s.store = n->store;
	s.rss = n->rss_max;
	s.left = n->left;
	s.oom = (enum verdict)n->verdict;
	if (s.oom != VERDICT_NONE)
		memcpy(s.oom_node, n->node, sizeof(s.oom_node));
	return s;
}

/* The figures of another node, without the counts. */
static void figures_add(struct job_step *s, const struct job_step *more)
{
	if (figure_greater(s->peak, more->peak) != s->peak) {
		s->peak = more->peak;
		s->limit = more->limit;
		s->store = more->store;
	}
	s->rss = figure_greater(s->rss, more->rss);
	s->nodes = figure_greater(s->nodes, more->nodes);
	if (more->oom > s->oom) {
		s->oom = more->oom;
		memcpy(s->oom_node, more->oom_node, sizeof(s->oom_node));
	}
}

void job_step_add(struct job_step *s, const struct job_step *more)
{
	figures_add(s, more);
	if (s->left == UNKNOWN || more->left == UNKNOWN)
		s->left = figure_greater(s->left, more->left);
	else
		s->left += more->left;
	s->reported += more->reported;
	s->on |= more->on;
}

static bool is_told_apart(const struct job_step *s)
{
	return s->on && s->reported <= s->nodes &&
		(uint64_t)__builtin_popcountll(s->on) == s->reported;
}

/* Neither view knows all nodes of the other. */
static void parts_join(struct job_step *s, const struct job_step *other)
{
	bool disjoint = !(s->on & other->on);

	figures_add(s, other);
	if (disjoint && s->left != UNKNOWN && other->left != UNKNOWN)
		s->left += other->left;
	else
		s->left = figure_greater(s->left, other->left);
	s->on |= other->on;
	s->reported = (uint64_t)__builtin_popcountll(s->on);
}

/*
 * A view that knows the step's end on fewer nodes is older and must not replace a newer one. Of two
 * with as many nodes, but not all, the worse one stays.
 */
static bool replaces(const struct job_step *step, const struct job_step *have)
{
	if (step->reported != have->reported)
		return step->reported > have->reported;
	return step->reported >= step->nodes || job_step_worst_first(step, have) <= 0;
}

void job_step_join(struct job_step *s, const struct job_step *other)
{
	if (is_told_apart(s) && is_told_apart(other) && (s->on & ~other->on) &&
		(other->on & ~s->on))
		parts_join(s, other);
	else if (replaces(other, s))
		*s = *other;
}

int job_step_worst_first(const void *a, const void *b)
{
	const struct job_step *x = a, *y = b;
	bool x_flag = x->oom != VERDICT_NONE, y_flag = y->oom != VERDICT_NONE;

	if (x_flag != y_flag)
		return x_flag ? -1 : 1;
	return figure_or_0(x->peak) > figure_or_0(y->peak)
		? -1
		: figure_or_0(x->peak) < figure_or_0(y->peak);
}

struct job_step *job_steps_find(const struct job_steps *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->steps[i].step, name))
			return &s->steps[i];
	return NULL;
}

int job_steps_append(struct job_steps *s, const struct job_step *step)
{
	struct job_step *steps = s->steps;

	/* Room for a power of two. */
	if ((s->n & (s->n - 1)) == 0)
		steps = realloc(steps, (s->n ? 2 * s->n : 1) * sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	s->steps = steps;
	s->steps[s->n++] = *step;
	return 0;
}

void job_totals_join(struct job_totals *t, const struct job_totals *more)
{
	t->steps = figure_greater(t->steps, more->steps);
	t->peak = figure_greater(t->peak, more->peak);
	t->rss = figure_greater(t->rss, more->rss);
}

void job_steps_cut(struct job_steps *s, size_t most)
{
	struct job_totals all = { .steps = s->n, .peak = UNKNOWN, .rss = UNKNOWN };

	if (s->n <= most && !s->totals.steps)
		return;
	if (!s->totals.steps)
		s->totals = all;
	for (size_t i = 0; i < s->n; i++) {
		const struct job_totals one = { s->n, s->steps[i].peak, s->steps[i].rss };

		job_totals_join(&s->totals, &one);
	}
	if (s->n <= most)
		return;
	qsort(s->steps, s->n, sizeof(*s->steps), job_step_worst_first);
	s->n = most;
}

void job_steps_clear(struct job_steps *s)
{
	free(s->steps);
	*s = (struct job_steps){ 0 };
}

json_t *job_steps_json(const struct job_steps *s)
{
	json_t *all = json_object();

	for (size_t i = 0; i < s->n; i++) {
		const struct job_step *x = &s->steps[i];

		json_object_set_new(all, x->step,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "nodes",
				figure_json(x->nodes), "reported", figure_json(x->reported), "peak",
				figure_json(x->peak), "limit", figure_json(x->limit), "rss",
				figure_json(x->rss), "store", figure_json(x->store), "oom",
				verdict_name(x->oom)));
		/* Most steps leave nothing, and the field is short. */
		if (figure_or_0(x->left))
			json_object_set_new(
				json_object_get(all, x->step), "left", figure_json(x->left));
		if (*x->oom_node)
			json_object_set_new(
				json_object_get(all, x->step), "node", json_string(x->oom_node));
		if (x->reported < x->nodes && is_told_apart(x))
			json_object_set_new(json_object_get(all, x->step), "on",
				json_sprintf("%" PRIx64, x->on));
	}
	return all;
}

json_t *job_totals_json(const struct job_totals *t)
{
	return json_pack("{s:o, s:o, s:o}", "steps", figure_json(t->steps), "peak",
		figure_json(t->peak), "rss", figure_json(t->rss));
}

static void node_name_read(const json_t *object, struct job_step *s)
{
	const char *name = json_string_value(json_object_get(object, "node"));

	if (name && s->oom != VERDICT_NONE)
		text_clean(s->oom_node, sizeof(s->oom_node), name, strlen(name));
}

static uint64_t mask(const json_t *object)
{
	const char *text = json_string_value(json_object_get(object, "on"));
	size_t digits = text ? strspn(text, "0123456789abcdef") : 0;

	return digits && digits <= 16 && !text[digits] ? strtoull(text, NULL, 16) : 0;
}

int job_steps_read(const json_t *object, struct job_steps *out)
{
	const char *name;
	json_t *value;
	int rc = 0;

	*out = (struct job_steps){ 0 };
	json_object_foreach ((json_t *)object, name, value) {
		const char *oom = json_string_value(json_object_get(value, "oom"));
		struct job_step s = {
			.nodes = figure_get(value, "nodes"),
			.reported = figure_or_0(figure_get(value, "reported")),
			.peak = figure_get(value, "peak"),
			.limit = figure_get(value, "limit"),
			.store = figure_get(value, "store"),
			.rss = figure_get(value, "rss"),
			.left = figure_get(value, "left"),
			.on = mask(value),
			.oom = oom ? verdict_by_name(oom) : VERDICT_NONE,
		};

		if (!*name || strlen(name) >= sizeof(s.step))
			continue;
		strcpy(s.step, name);
		node_name_read(value, &s);
		rc = job_steps_append(out, &s);
		if (rc)
			break;
	}
	if (rc)
		job_steps_clear(out);
	return rc;
}

void job_totals_read(const json_t *object, struct job_totals *out)
{
	*out = (struct job_totals){ figure_or_0(figure_get(object, "steps")),
		figure_get(object, "peak"), figure_get(object, "rss") };
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_step.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/unknown.h"

static uint64_t known(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

/* The greater of two figures; one that is not known is less than any. */
static uint64_t greater(uint64_t a, uint64_t b)
{
	if (a == UNKNOWN || b == UNKNOWN)
		return a == UNKNOWN ? b : a;
	return a > b ? a : b;
}

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
	return s;
}

/* The figures of another node, without the counts. */
static void figures_add(struct job_step *s, const struct job_step *more)
{
	if (greater(s->peak, more->peak) != s->peak) {
		s->peak = more->peak;
		s->limit = more->limit;
		s->store = more->store;
	}
	s->rss = greater(s->rss, more->rss);
	s->nodes = greater(s->nodes, more->nodes);
	if (more->oom > s->oom)
		s->oom = more->oom;
}

void job_step_add(struct job_step *s, const struct job_step *more)
{
	figures_add(s, more);
	if (s->left == UNKNOWN || more->left == UNKNOWN)
		s->left = greater(s->left, more->left);
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
		s->left = greater(s->left, other->left);
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
	return known(x->peak) > known(y->peak) ? -1 : known(x->peak) < known(y->peak);
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
	t->steps = greater(t->steps, more->steps);
	t->peak = greater(t->peak, more->peak);
	t->rss = greater(t->rss, more->rss);
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

static json_t *number(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer((json_int_t)value);
}

json_t *job_steps_json(const struct job_steps *s)
{
	json_t *all = json_object();

	for (size_t i = 0; i < s->n; i++) {
		const struct job_step *x = &s->steps[i];

		json_object_set_new(all, x->step,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "nodes", number(x->nodes),
				"reported", number(x->reported), "peak", number(x->peak), "limit",
				number(x->limit), "rss", number(x->rss), "store", number(x->store),
				"oom", verdict_name(x->oom)));
		/* Most steps leave nothing, and the field is short. */
		if (known(x->left))
			json_object_set_new(json_object_get(all, x->step), "left", number(x->left));
		if (x->reported < x->nodes && is_told_apart(x))
			json_object_set_new(json_object_get(all, x->step), "on",
				json_sprintf("%" PRIx64, x->on));
	}
	return all;
}

json_t *job_totals_json(const struct job_totals *t)
{
	return json_pack("{s:o, s:o, s:o}", "steps", number(t->steps), "peak", number(t->peak),
		"rss", number(t->rss));
}

static uint64_t figure(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) && json_integer_value(value) >= 0
		? (uint64_t)json_integer_value(value)
		: UNKNOWN;
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
			.nodes = figure(value, "nodes"),
			.reported = known(figure(value, "reported")),
			.peak = figure(value, "peak"),
			.limit = figure(value, "limit"),
			.store = figure(value, "store"),
			.rss = figure(value, "rss"),
			.left = figure(value, "left"),
			.on = mask(value),
			.oom = oom ? verdict_by_name(oom) : VERDICT_NONE,
		};

		if (!*name || strlen(name) >= sizeof(s.step))
			continue;
		strcpy(s.step, name);
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
	*out = (struct job_totals){ known(figure(object, "steps")), figure(object, "peak"),
		figure(object, "rss") };
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/unknown.h"
#include "results/step_info.h"

/* FNV-1a; never 0, which means that there is no node. */
static uint32_t node_hash(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash ? hash : 1;
}

static bool is_complete(const struct job_step *s)
{
	return s->reported >= s->nodes;
}

/* True the first time that a step is seen. Steps beyond the bits count each time they come in. */
static bool step_is_new(struct job_summary *s, const char *step)
{
	char *end;
	unsigned long number = strtoul(step, &end, 10);
	uint32_t bit;

	if (*end || number >= SUMMARY_SEEN)
		return true;
	bit = 1U << (number % 32);
	if (s->seen[number / 32] & bit)
		return false;
	s->seen[number / 32] |= bit;
	return true;
}

/* A complete step goes before one of which more is to come, then the milder one. */
static bool goes_before(const struct job_step *a, const struct job_step *b)
{
	if (is_complete(a) != is_complete(b))
		return is_complete(a);
	return job_step_worst_first(a, b) > 0;
}

/* A place for one more step, taken from another one where all are in use. */
static struct job_summary_step *place(struct job_summary *s)
{
	struct job_summary_step *out = &s->steps[0];

	if (s->n < SUMMARY_STEPS)
		return &s->steps[s->n++];
	for (uint32_t i = 1; i < s->n; i++)
		if (goes_before(&s->steps[i].step, &out->step))
			out = &s->steps[i];
	return out;
}

static struct job_summary_step *find(struct job_summary *s, const char *step)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (!strcmp(s->steps[i].step.step, step))
			return &s->steps[i];
	return NULL;
}

static void end_note(struct job_summary_step *s, const struct job_node *n)
{
	uint32_t hash = node_hash(n->node);

	for (unsigned i = 0; i < SUMMARY_NODES; i++) {
		if (s->ended[i] == hash)
			return;
		if (s->ended[i])
			continue;
		s->ended[i] = hash;
		s->step.reported++;
		return;
	}
}

void job_summary_add(struct job_summary *s, const struct job_node *n)
{
	struct job_step one = job_step_of(n);
	struct job_totals totals = { 0, one.peak, one.rss };
	struct job_summary_step *have;

	if (n->restart < s->restart)
		return;
	if (n->restart > s->restart || !s->n) {
		*s = (struct job_summary){ .restart = (uint32_t)n->restart };
		s->totals = totals;
	}
	one.reported = 0; /* counted by the node's name: a node writes more than once */
	have = find(s, n->step);
	if (!have) {
		s->steps_seen += step_is_new(s, n->step);
		have = place(s);
		*have = (struct job_summary_step){ .step = one };
	} else {
		job_step_add(&have->step, &one);
	}
	if (job_node_has_ended(n))
		end_note(have, n);
	if (n->node_index < JOB_STEP_NODES)
		have->known |= 1ULL << n->node_index;
	job_totals_join(&s->totals, &totals);
}

bool job_summary_wants(const struct job_node *n)
{
	if (n->nodes == UNKNOWN || n->nodes <= SUMMARY_NODES || n->verdict != VERDICT_NONE)
		return true;
	return node_hash(n->node) % (n->nodes / SUMMARY_NODES) == 0;
}

bool job_summary_has_others(const struct job_summary *s, const char *step, uint64_t node_index)
{
	const struct job_summary_step *have = find((struct job_summary *)s, step);
	uint64_t own = node_index < JOB_STEP_NODES ? 1ULL << node_index : 0;

	return have && have->known & ~own;
}

int job_summary_steps(const struct job_summary *s, struct job_steps *out)
{
	int rc = 0;

	*out = (struct job_steps){ 0 };
	for (uint32_t i = 0; rc == 0 && i < s->n; i++)
		rc = job_steps_append(out, &s->steps[i].step);
	if (s->steps_seen > s->n) {
		out->totals = s->totals;
		out->totals.steps = s->steps_seen;
	}
	if (rc)
		job_steps_clear(out);
	return rc;
}

bool job_summary_is_sane(const struct job_summary *s)
{
	/* With a restart that no job has, every later record would look like one of an earlier run. */
	if (s->n > SUMMARY_STEPS || s->restart > RESTART_MAX)
		return false;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct job_step *step = &s->steps[i].step;

		if (!memchr(step->step, '\0', sizeof(step->step)) || !*step->step ||
			!memchr(step->oom_node, '\0', sizeof(step->oom_node)) ||
			(unsigned)step->oom > VERDICT_KERNEL)
			return false;
	}
	return true;
}

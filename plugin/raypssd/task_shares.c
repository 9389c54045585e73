/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/task_shares.h"

/* The global id of a task that was not added yet. */
#define NOBODY UINT32_MAX

void task_shares_add(struct task_shares *s, uint32_t local, uint32_t global)
{
	struct task_sample *sample = &s->sample;

	if (local >= TASK_FIGURES_MAX)
		return;
	for (; sample->tasks_n <= local; sample->tasks_n++)
		sample->tasks[sample->tasks_n] =
			(struct task_figure){ .task = NOBODY, .now = UNKNOWN, .peak = UNKNOWN };
	sample->tasks[local].task = global;
}

void task_shares_resume(struct task_shares *s, const struct task_figures *told)
{
	if (task_figures_read(told, UNKNOWN, &s->sample))
		s->sample.tasks_n = 0;
}

/* What the processes of each task have in this look, and whether it has any. */
struct running {
	bool runs[TASK_FIGURES_MAX];
	double shares[TASK_FIGURES_MAX];
	uint64_t own[TASK_FIGURES_MAX];
	double sum;
	uint32_t n;
};

static void shares_add_up(const struct task_sample *s, const struct look *look, struct running *r)
{
	for (unsigned i = 0; i < look->processes_n; i++) {
		const struct look_process *p = &look->processes[i];

		/* A zombie has no memory, and its task has ended. */
		if (!p->rss || p->task < 0 || (uint32_t)p->task >= s->tasks_n ||
			s->tasks[p->task].task == NOBODY)
			continue;
		r->n += !r->runs[p->task];
		r->runs[p->task] = true;
		r->shares[p->task] += (double)p->share;
		r->own[p->task] += p->private + p->swap + p->shmem;
		r->sum += (double)p->share;
	}
}

/* The footprint up to the part that ends at upto: rounding never loses or invents a byte. */
static uint64_t part_of(uint64_t footprint, double upto, double sum)
{
	double part = (double)footprint * (upto / sum);

	return upto < sum && part < (double)footprint ? (uint64_t)part : footprint;
}

/* Growth through another task's end is no need of this one. */
static uint64_t own_growth(uint64_t part, uint64_t before, uint64_t own, uint64_t own_before)
{
	uint64_t most = before + (own > own_before ? own - own_before : 0);

	return part < most ? part : most;
}

static void figure_take(struct task_figure *t, uint64_t now)
{
	t->now = now;
	if (t->peak == UNKNOWN || now > t->peak)
		t->peak = now;
}

/* An end counts also where another task has begun between the two looks. */
static bool has_settled(struct task_shares *s, const struct running *r, uint64_t at_ns)
{
	for (uint32_t i = 0; i < s->sample.tasks_n; i++) {
		if (s->ran[i] && !r->runs[i])
			s->settles_ns = at_ns + TASK_SHARES_SETTLE_NS;
		s->ran[i] = r->runs[i];
	}
	return at_ns >= s->settles_ns;
}

bool task_shares_take(struct task_shares *s, const struct look *look)
{
	struct task_sample *sample = &s->sample;
	uint64_t footprint = sample_footprint(&look->sample), given = 0;
	struct running r = { 0 };
	double upto = 0;
	uint32_t left;
	bool settled;

	shares_add_up(sample, look, &r);
	if (!look->sample.processes || !r.n)
		return false;
	settled = has_settled(s, &r, look->at_ns);
	left = r.n;
	for (uint32_t i = 0; i < sample->tasks_n; i++) {
		struct task_figure *t = &sample->tasks[i];
		uint64_t end, part;

		if (!r.runs[i])
			continue;
		upto += r.sum > 0 ? r.shares[i] : 1;
		/* Sums of fractions need not end where their total does. */
		end = --left ? part_of(footprint, upto, r.sum > 0 ? r.sum : r.n) : footprint;
		part = end - given;
		given = end;
		if (!settled && t->now != UNKNOWN)
			part = own_growth(part, t->now, r.own[i], s->own[i]);
		figure_take(t, part);
		s->own[i] = r.own[i];
	}
	sample->at_ns = look->at_ns;
	sample->footprint = footprint;
	return true;
}

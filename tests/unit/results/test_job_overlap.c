/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <time.h>

#include "base/units.h"
#include "results/job_overlap.h"
#include "tests/unit/unit.h"

enum { OBJECTS = 3 };

/* n records whose starts, lengths and objects are given by chance. */
struct many {
	struct job_node *nodes;
	const struct job_node **list;
	struct look_object *objects;
	size_t n;
};

static struct many many_of(size_t n, unsigned span, unsigned length)
{
	struct many m = { calloc(n, sizeof(*m.nodes)), calloc(n, sizeof(*m.list)),
		calloc(n * OBJECTS, sizeof(*m.objects)), n };

	for (size_t i = 0; i < n; i++) {
		struct job_node *node = &m.nodes[i];

		node->start_ms = unit_random() % span;
		node->elapsed_ns = unit_random() % length * NS_PER_MS;
		node->shared = unit_random() % 40;
		node->footprint = node->shared + unit_random() % 50;
		node->objects = &m.objects[i * OBJECTS];
		node->objects_n = unit_random() % (OBJECTS + 1);
		for (size_t k = 0; k < node->objects_n; k++)
			node->objects[k] = (struct look_object){
				.dev = 1, .ino = unit_random() % 8, .bytes = unit_random() % 20
			};
		m.list[i] = node;
	}
	return m;
}

static void many_free(struct many *m)
{
	free(m->nodes);
	free(m->list);
	free(m->objects);
}

static bool runs_at(const struct job_node *n, uint64_t at)
{
	return at >= n->start_ms && at <= n->start_ms + n->elapsed_ns / NS_PER_MS;
}

/* The greatest size of an object among the steps that run at a moment. */
static uint64_t object_at(const struct many *m, uint64_t ino, uint64_t at)
{
	uint64_t most = 0;

	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; runs_at(&m->nodes[i], at) && k < m->nodes[i].objects_n; k++)
			if (m->nodes[i].objects[k].ino == ino &&
				m->nodes[i].objects[k].bytes > most)
				most = m->nodes[i].objects[k].bytes;
	return most;
}

static uint64_t sum_at(const struct many *m, uint64_t at)
{
	uint64_t others = 0, shared = 0, distinct = 0;

	for (uint64_t ino = 0; ino < 8; ino++)
		distinct += object_at(m, ino, at);
	for (size_t i = 0; i < m->n; i++) {
		const struct job_node *n = &m->nodes[i];
		uint64_t listed = 0;

		if (!runs_at(n, at))
			continue;
		for (size_t k = 0; k < n->objects_n; k++)
			listed += n->objects[k].bytes;
		others += n->footprint - n->shared;
		shared += n->shared;
		distinct += n->shared > listed ? n->shared - listed : 0;
	}
	return others + (shared < distinct ? shared : distinct);
}

START_TEST(the_sweep_is_the_definition)
{
	for (int round = 0; round < 50; round++) {
		struct many m = many_of(40, 30, 10);
		uint64_t peak = 0, want = 0;

		ck_assert_int_eq(job_overlap_peak(m.list, m.n, &peak), 0);
		for (uint64_t at = 0; at < 30; at++)
			want = sum_at(&m, at) > want ? sum_at(&m, at) : want;
		SAME("peak", peak, want);
		many_free(&m);
	}
}
END_TEST

/* CPU time for n steps of which half run at the same time. */
static double seconds_for(size_t n)
{
	struct many m = many_of(n, 1000000, 1000000);
	clock_t begin = clock();
	uint64_t peak;

	ck_assert_int_eq(job_overlap_peak(m.list, m.n, &peak), 0);
	many_free(&m);
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

START_TEST(it_takes_time_in_proportion_to_the_steps)
{
	double few = seconds_for(5000), many = seconds_for(40000);

	/* Eight times the steps: 64 times the time would be quadratic. */
	ck_assert_msg(many < 24 * few + 0.1, "%.3f s for 5000 steps, %.3f s for 40000", few, many);
}
END_TEST

START_TEST(nothing_needs_nothing)
{
	uint64_t peak = 5;

	ck_assert_int_eq(job_overlap_peak(NULL, 0, &peak), 0);
	SAME("peak", peak, 0);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("job_overlap");

	tcase_add_test(tc, the_sweep_is_the_definition);
	tcase_add_test(tc, it_takes_time_in_proportion_to_the_steps);
	tcase_add_test(tc, nothing_needs_nothing);
	return unit_run();
}

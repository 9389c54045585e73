/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "results/job_overlap.h"

static int node_order(const void *a, const void *b)
{
	return strcmp((*(const struct job_node *const *)a)->node,
		(*(const struct job_node *const *)b)->node);
}

/*
 * What the kernel counted for the job's own group, with page cache. The group may be made anew for a
 * later step, so each step's word is needed. UNKNOWN where one has none.
 */
static uint64_t bound_of(const struct job_node *const *by_node, size_t n)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++) {
		if (by_node[i]->job_bound == UNKNOWN)
			return UNKNOWN;
		if (by_node[i]->job_bound > most)
			most = by_node[i]->job_bound;
	}
	return most;
}

/* Adds the records of one node, which follow each other in by_node. */
static int node_add(struct job_report *r, const struct job_node **by_node, size_t n)
{
	struct job_report_node *node = &r->nodes[r->nodes_n++];
	int rc;

	*node = (struct job_report_node){ .node = by_node[0]->node, .steps = n };
	rc = job_overlap_peak(by_node, n, &node->peak);
	if (node->peak > bound_of(by_node, n))
		node->peak = bound_of(by_node, n);
	r->peak_of_nodes += node->peak;
	if (node->peak > r->peak_of_one_node)
		r->peak_of_one_node = node->peak;
	return rc;
}

int job_report_make(const struct job *job, struct job_report *out)
{
	const struct job_node **by_node = calloc(job->n + 1, sizeof(*by_node));
	int rc;

	*out = (struct job_report){ .job = job };
	out->nodes = calloc(job->n + 1, sizeof(*out->nodes));
	rc = by_node && out->nodes ? job_steps_of(job, &out->steps) : -ENOMEM;
	if (rc == 0) {
		for (size_t i = 0; i < job->n; i++)
			by_node[i] = &job->nodes[i];
		qsort(by_node, job->n, sizeof(*by_node), node_order);
	}
	for (size_t i = 0, end; rc == 0 && i < job->n; i = end) {
		for (end = i + 1; end < job->n && !node_order(&by_node[i], &by_node[end]);)
			end++;
		rc = node_add(out, by_node + i, end - i);
	}
	free(by_node);
	if (rc)
		job_report_clear(out);
	return rc;
}

void job_report_clear(struct job_report *r)
{
	job_steps_clear(&r->steps);
	free(r->nodes);
	*r = (struct job_report){ 0 };
}

static json_t *steps_json(const struct job_report *r)
{
	json_t *steps = job_steps_json(&r->steps);

	for (size_t i = 0; i < r->job->n; i++) {
		const struct job_node *n = &r->job->nodes[i];
		json_t *step = json_object_get(steps, n->step);
		json_t *per_node = json_object_get(step, "per_node");

		if (!per_node) {
			per_node = json_object();
			json_object_set_new(step, "per_node", per_node);
		}
		json_object_set_new(per_node, n->node, job_node_json(n));
	}
	return steps;
}

json_t *job_report_json(const struct job_report *r)
{
	json_t *nodes = json_object();

	for (size_t i = 0; i < r->nodes_n; i++)
		json_object_set_new(nodes, r->nodes[i].node,
			json_pack("{s:I, s:I}", "peak", (json_int_t)r->nodes[i].peak, "steps",
				(json_int_t)r->nodes[i].steps));
	return json_pack("{s:I, s:I, s:o, s:o, s:{s:I, s:I, s:I}}", "job",
		(json_int_t)r->job->number, "restart", (json_int_t)r->job->restart, "steps",
		steps_json(r), "nodes", nodes, "total", "nodes", (json_int_t)r->nodes_n,
		"peak_of_nodes", (json_int_t)r->peak_of_nodes, "peak_of_one_node",
		(json_int_t)r->peak_of_one_node);
}

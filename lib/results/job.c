/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int job_add(struct job *j, const json_t *record)
{
	struct job_node node, *nodes = j->nodes;
	int rc = job_node_read(record, &node);

	if (rc == 0 && (node.job != j->number || !*node.step))
		rc = -EINVAL;
	/* Room for a power of two. */
	if (rc == 0 && (j->n & (j->n - 1)) == 0) {
		nodes = realloc(nodes, (j->n ? 2 * j->n : 1) * sizeof(*nodes));
		rc = nodes ? 0 : -ENOMEM;
	}
	if (rc) {
		job_node_clear(&node);
		return rc;
	}
	if (j->lists)
		job_node_keep_lists(&node, record);
	j->nodes = nodes;
	j->nodes[j->n++] = node;
	if (node.restart > j->restart)
		j->restart = (uint32_t)node.restart;
	return 0;
}

/* Numbered steps in their order, behind them those with names; of one step by node. */
static int step_order(const void *a, const void *b)
{
	const struct job_node *x = a, *y = b;
	char *x_end, *y_end;
	unsigned long m = strtoul(x->step, &x_end, 10), n = strtoul(y->step, &y_end, 10);
	int order = strcmp(x->step, y->step);

	if (order == 0)
		return strcmp(x->node, y->node);
	if (*x_end || *y_end)
		return *x_end && *y_end ? order : *x_end ? 1 : -1;
	return m < n ? -1 : m > n ? 1 : order;
}

void job_last_run(struct job *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->n; i++) {
		if (j->nodes[i].restart == j->restart)
			j->nodes[kept++] = j->nodes[i];
		else
			job_node_clear(&j->nodes[i]);
	}
	j->n = kept;
	if (kept)
		qsort(j->nodes, kept, sizeof(*j->nodes), step_order);
}

int job_steps_of(const struct job *j, struct job_steps *out)
{
	int rc = 0;

	*out = (struct job_steps){ 0 };
	for (size_t i = 0; rc == 0 && i < j->n; i++) {
		const struct job_step one = job_step_of(&j->nodes[i]);

		if (out->n && !strcmp(out->steps[out->n - 1].step, one.step))
			job_step_add(&out->steps[out->n - 1], &one);
		else
			rc = job_steps_append(out, &one);
	}
	if (rc)
		job_steps_clear(out);
	return rc;
}

void job_clear(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		job_node_clear(&j->nodes[i]);
	free(j->nodes);
	*j = (struct job){ 0 };
}

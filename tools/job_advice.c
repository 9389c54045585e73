/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/job_advice.h"

#include <string.h>

#include "results/job_report.h"

void job_advice_node(const struct job_step *s, struct job_node *out)
{
	job_node_unknown(out);
	memcpy(out->step, s->step, sizeof(out->step));
	memcpy(out->node, s->oom_node, sizeof(out->node));
	out->nodes = s->nodes;
	out->footprint = s->peak;
	out->limit = s->limit;
	out->store = s->store;
	out->rss_max = s->rss;
	out->left = s->left;
	out->verdict = s->oom;
}

static void steps_add(const struct job_steps *steps, struct advice *out)
{
	struct job_node node;

	for (size_t i = 0; i < steps->n; i++) {
		job_advice_node(&steps->steps[i], &node);
		advice_add(out, &node, NULL);
	}
}

void job_advice(const struct job_found *f, struct advice *out)
{
	struct job_report report;

	for (size_t i = 0; i < f->job.n; i++)
		advice_add(out, &f->job.nodes[i], f->job.nodes[i].lists);
	/* The job's limit holds for all of its steps that run at the same time. */
	if (f->job.n && job_report_make(&f->job, &report) == 0) {
		advice_add_together(out, report.peak_of_one_node);
		job_report_clear(&report);
	}
	/* sacct may know of nodes whose records are elsewhere. */
	steps_add(&f->steps, out);
}

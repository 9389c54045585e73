/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/job_find.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "results/figure.h"
#include "results/job_field.h"
#include "results/publish_field.h"
#include "results/spool.h"
#include "tools/slurm_ask.h"

/* Leaves one step only. */
static void step_select(struct job *job, struct job_steps *steps, const char *step)
{
	size_t kept = 0;

	for (size_t i = 0; i < job->n; i++) {
		if (!strcmp(job->nodes[i].step, step))
			job->nodes[kept++] = job->nodes[i];
		else
			job_node_clear(&job->nodes[i]);
	}
	job->n = kept;
	kept = 0;
	for (size_t i = 0; i < steps->n; i++)
		if (!strcmp(steps->steps[i].step, step))
			steps->steps[kept++] = steps->steps[i];
	steps->n = kept;
}

/* The field in which the site publishes is not known here: the first that has our key. */
static void field_read(struct job_found *f)
{
	const json_t *fields = json_object_get(f->slurm, "fields");
	uint32_t restart;

	for (int i = 0; publish_field_names[i]; i++) {
		const char *name = publish_field_names[i];
		const char *text = json_string_value(json_object_get(fields, name));

		if (!text || job_field_read(text, &restart, &f->steps))
			continue;
		f->field = name;
		return;
	}
}

/* Asks Slurm for this job. NULL, or why there is no answer. */
static const char *ask(const struct job_find *how, const struct job_name *name, struct job_found *f)
{
	const char *cluster = how->spools->cluster ? how->spools->cluster : "", *why = NULL;
	const char *const arguments[] = { cluster, name->id, NULL };
	json_t *jobs = slurm_ask(arguments, &why), *job = json_array_get(jobs, 0);

	if (!jobs)
		return why;
	if (json_is_object(job))
		f->slurm = json_incref(job);
	json_decref(jobs);
	if (!f->slurm)
		return geteuid() ? "Slurm knows no such job of yours" : "Slurm does not know it";
	if (!f->name.job)
		f->name.job = (uint32_t)figure_or_0(figure_get(f->slurm, "job"));
	field_read(f);
	return NULL;
}

/* Whether each step's end is known on all of its nodes. */
static bool is_whole(const struct job *job)
{
	struct job_steps steps;
	bool whole = job->n && job_steps_of(job, &steps) == 0;

	for (size_t i = 0; whole && i < steps.n; i++)
		whole = steps.steps[i].nodes != UNKNOWN &&
			steps.steps[i].reported >= steps.steps[i].nodes;
	if (job->n)
		job_steps_clear(&steps);
	return whole;
}

/* 0, or nonzero after a line on standard error: the cluster has to be chosen. */
static int records_read(const struct job_find *how, struct job_found *f)
{
	char cluster[CLUSTER_SIZE];
	int rc = spools_find(how->spools, how->command, f->name.job, cluster);

	f->job.number = f->name.job;
	f->job.lists = how->lists;
	if (rc == 0)
		spools_read(how->spools, cluster, &f->job);
	return rc;
}

static void unpublished_tell(const struct job_find *how, const struct job_found *f)
{
	const char *state = json_string_value(json_object_get(f->slurm, "state"));

	if (state && !strcmp(state, "PENDING"))
		fprintf(stderr,
			"raypss %s: job %s: Slurm knows it (PENDING): it has not begun, "
			"or Slurm's database does not know of that yet\n",
			how->command, f->name.id);
	else
		fprintf(stderr,
			"raypss %s: job %s: Slurm knows it (%s), but no figures of it were "
			"published: was it run with --ray-pss-accounting?\n",
			how->command, f->name.id, state ? state : "?");
}

/* Nothing is known: each spool has its reason, and so has Slurm. */
static int complain(const struct job_find *how, const struct job_found *f, const char *why)
{
	if (f->name.job)
		spools_complain(how->spools, how->command, f->name.job);
	if (!f->slurm)
		fprintf(stderr, "raypss %s: job %s: %s\n", how->command, f->name.id,
			why ? why : "Slurm was not asked");
	else if (!f->field)
		unpublished_tell(how, f);
	job_found_hint(f, stderr);
	return -ENOENT;
}

int job_find(const struct job_find *how, const struct job_name *name, struct job_found *out)
{
	const char *why = NULL;

	*out = (struct job_found){ .name = *name };
	if (!out->name.job)
		why = ask(how, name, out);
	if (out->name.job && records_read(how, out))
		return -ENOENT;
	if (name->job && (how->ask || !is_whole(&out->job)))
		why = ask(how, name, out);
	if (!out->job.n && !out->field)
		return complain(how, out, why);
	if (!name->step)
		return 0;
	step_select(&out->job, &out->steps, name->step);
	if (out->job.n || out->steps.n)
		return 0;
	fprintf(stderr, "raypss %s: job %s has no record of a step %s\n", how->command, name->id,
		name->step);
	return -ENOENT;
}

int job_number_find(const struct job_find *how, struct job_name *name)
{
	struct job_found f = { .name = *name };
	const char *why;

	if (name->job)
		return 0;
	why = ask(how, name, &f);
	name->job = f.name.job;
	job_found_clear(&f);
	if (name->job)
		return 0;
	fprintf(stderr, "raypss %s: job %s: %s\n", how->command, name->id,
		why ? why : "Slurm does not tell its number");
	return -ENOENT;
}

static bool has_record_of(const struct job *job, const char *node)
{
	for (size_t i = 0; i < job->n; i++)
		if (!strcmp(job->nodes[i].node, node))
			return true;
	return false;
}

void job_found_hint(const struct job_found *f, FILE *out)
{
	const json_t *nodes = json_object_get(f->slurm, "nodes"), *node;
	size_t i, missing = 0;

	if (f->job.n && is_whole(&f->job))
		return;
	json_array_foreach (nodes, i, node) {
		const char *name = json_string_value(node);

		if (!name || has_record_of(&f->job, name))
			continue;
		if (missing++ < 8)
			fprintf(out, "%s%s",
				missing == 1 ? "Records that would say more are in the spools of "
					     : ", ",
				name);
	}
	if (missing > 8)
		fprintf(out, " and %zu more nodes", missing - 8);
	if (missing)
		fputs(": run this command there, or copy them and give --spool.\n", out);
}

void job_found_clear(struct job_found *f)
{
	job_clear(&f->job);
	job_steps_clear(&f->steps);
	json_decref(f->slurm);
	f->slurm = NULL;
}

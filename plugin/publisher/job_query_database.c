/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <slurm/slurm.h>
#include <slurm/slurmdb.h>

#include "config.h"
#include "plugin/publisher/job_query.h"

/* Memory's number in the texts of trackable resources: "1=4,2=1000" (slurmdbd's table tres). */
enum { TRES_MEMORY = 2 };

/* The value of one resource in such a text, in its own unit. -1: it is not there. */
static json_int_t tres_value(const char *text, unsigned id)
{
	while (text && *text) {
		char *end;
		unsigned long number = strtoul(text, &end, 10);

		if (*end == '=' && number == id)
			return strtoll(end + 1, NULL, 10);
		text = strchr(text, ',');
		text = text ? text + 1 : NULL;
	}
	return -1;
}

static json_t *number_json(json_int_t value)
{
	return value > 0 ? json_integer(value) : json_null();
}

static void *connection(void)
{
	static void *kept;

	if (!kept)
		kept = slurmdb_connection_get(NULL);
	return kept;
}

static void step_name(const slurmdb_step_rec_t *step, char *buf, size_t size)
{
	uint32_t id = step->step_id.step_id;

	if (id == SLURM_BATCH_SCRIPT)
		snprintf(buf, size, "batch");
	else if (id == SLURM_INTERACTIVE_STEP)
		snprintf(buf, size, "interactive");
	else
		snprintf(buf, size, "%u", id);
}

static json_t *steps_json(slurmdb_job_rec_t *job)
{
	json_t *steps = json_object();
	slurmdb_step_rec_t *step;
	char name[32];

	/* The list frees what stays in it, and these are taken out. */
	while (job->steps && (step = slurm_list_pop(job->steps))) {
		step_name(step, name, sizeof(name));
		json_object_set_new(steps, name,
			json_pack("{s:s, s:o, s:o}", "state", job_query_state(step->state),
				"max_rss",
				number_json(tres_value(step->stats.tres_usage_in_max, TRES_MEMORY)),
				"nodes", job_query_nodes(step->nodes)));
		slurmdb_destroy_step_rec(step);
	}
	return steps;
}

static struct job_numbers numbers_of(const slurmdb_job_rec_t *job)
{
	return (struct job_numbers){
		.job = job->jobid,
		.array_job = job->array_job_id,
		.array_task = job->array_task_id,
		.het_job = job->het_job_id,
		.het_offset = job->het_job_offset,
	};
}

/* Slurm counts memory in MiB over all nodes. */
static json_t *memory_json(const slurmdb_job_rec_t *job)
{
	json_int_t mib = tres_value(job->tres_alloc_str, TRES_MEMORY);
	json_int_t nodes = job->alloc_nodes ? job->alloc_nodes : 1;

	return number_json(mib * 1024 * 1024 / nodes);
}

static json_t *job_json(slurmdb_job_rec_t *job)
{
	const struct job_numbers numbers = numbers_of(job);
	const char *extra = NULL;

#ifdef HAVE_SLURMDB_JOB_REC_T_EXTRA
	extra = job->extra;
#endif
	return json_pack("{s:I, s:o, s:s?, s:s?, s:s, s:o, s:o, s:o, s:o, s:o, "
			 "s:{s:s?, s:s?, s:s?}}",
		"job", (json_int_t)job->jobid, "id", job_query_id(&numbers), "cluster",
		job->cluster, "user", job->user, "state", job_query_state(job->state), "start",
		number_json((json_int_t)job->start), "end", number_json((json_int_t)job->end),
		"mem", memory_json(job), "nodes", job_query_nodes(job->nodes), "steps",
		steps_json(job), "fields", "admin_comment", job->admin_comment, "comment",
		job->derived_es, "extra", extra);
}

/* The lists live as long as the process, which answers once. */
static slurmdb_job_cond_t condition(const char *cluster)
{
	slurmdb_job_cond_t c = {
		.flags = JOBCOND_FLAG_NO_DEFAULT_USAGE | JOBCOND_FLAG_NO_WHOLE_HETJOB,
		.db_flags = SLURMDB_JOB_FLAG_NOTSET,
	};

	/* Other clusters of the same slurmdbd have jobs of that number, too. */
	if (*cluster) {
		c.cluster_list = slurm_list_create(free);
		slurm_list_append(c.cluster_list, strdup(cluster));
	}
	return c;
}

static void user_add(slurmdb_job_cond_t *c, uid_t uid)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", uid);
	c->userid_list = slurm_list_create(free);
	slurm_list_append(c->userid_list, strdup(text));
}

json_t *job_query_database(const char *cluster, const struct job_id *id)
{
	slurm_selected_step_t which = {
		.array_task_id = id->array ? id->part : NO_VAL,
		.het_job_offset = id->het ? id->part : NO_VAL,
		.step_id = { .job_id = id->job, .step_id = NO_VAL, .step_het_comp = NO_VAL },
	};
	slurmdb_job_cond_t c = condition(cluster);
	slurmdb_job_rec_t *job;
	json_t *found = NULL;
	void *db = connection(), *jobs;

	if (geteuid())
		user_add(&c, geteuid());
	c.step_list = slurm_list_create(NULL);
	slurm_list_append(c.step_list, &which);
	jobs = db ? slurmdb_jobs_get(db, &c) : NULL;
	while (jobs && (job = slurm_list_pop(jobs))) {
		const struct job_numbers numbers = numbers_of(job);

		/* A requeued job has a row for each run, the last one last. */
		if (job_id_is(id, &numbers)) {
			json_decref(found);
			found = job_json(job);
		}
		slurmdb_destroy_job_rec(job);
	}
	return found;
}

json_t *job_query_user(const char *cluster, const char *user, time_t since, size_t most)
{
	const struct passwd *who = getpwnam(user);
	slurmdb_job_cond_t c = condition(cluster);
	void *db = connection(), *jobs;
	slurmdb_job_rec_t *job;
	json_t *list;

	if (!who)
		return NULL;
	c.flags &= ~(uint32_t)JOBCOND_FLAG_NO_DEFAULT_USAGE;
	c.usage_start = since;
	user_add(&c, who->pw_uid);
	jobs = db ? slurmdb_jobs_get(db, &c) : NULL;
	if (!jobs)
		return NULL;
	list = json_array();
	while ((job = slurm_list_pop(jobs))) {
		if (json_array_size(list) < most)
			json_array_append_new(list, job_json(job));
		slurmdb_destroy_job_rec(job);
	}
	return list;
}

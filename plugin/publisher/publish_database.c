/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

#include "config.h"
#include "plugin/publisher/publish_way.h"

char **publish_member(enum publish_field field, char **admin_comment, char **comment, char **extra)
{
	switch (field) {
	case PUBLISH_ADMIN_COMMENT:
		return admin_comment;
	case PUBLISH_COMMENT:
		return comment;
	case PUBLISH_EXTRA:
		return extra;
	default:
		return NULL;
	}
}

static void *connection(void)
{
	static void *kept;

	if (!kept)
		kept = slurmdb_connection_get(NULL);
	return kept;
}

/*
 * One array task and the het job's leader have the number of the whole. With NO_VAL for the array
 * task and the offset, the condition matches the whole. The list is small and lives as long as the
 * process.
 */
static slurmdb_job_cond_t condition(
	const char *cluster, uint32_t job, uint32_t array_task, uint32_t het_offset)
{
	slurm_selected_step_t *which = calloc(1, sizeof(*which));
	slurmdb_job_cond_t c = {
		.flags = JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_DEFAULT_USAGE |
			JOBCOND_FLAG_NO_WHOLE_HETJOB,
		.db_flags = SLURMDB_JOB_FLAG_NOTSET,
	};

	if (which) {
		which->array_task_id = array_task;
		which->het_job_offset = het_offset;
		which->step_id.job_id = job;
		which->step_id.step_id = which->step_id.step_het_comp = NO_VAL;
		c.step_list = slurm_list_create(free);
		slurm_list_append(c.step_list, which);
	}
	/* Other clusters of the same slurmdbd have jobs of that number, too. */
	if (*cluster) {
		c.cluster_list = slurm_list_create(free);
		slurm_list_append(c.cluster_list, strdup(cluster));
	}
	return c;
}

static void condition_free(slurmdb_job_cond_t *c)
{
	if (c->step_list)
		slurm_list_destroy(c->step_list);
	if (c->cluster_list)
		slurm_list_destroy(c->cluster_list);
}

/* Matches this one job only. */
static slurmdb_job_cond_t condition_of(const char *cluster, const slurmdb_job_rec_t *job)
{
	if (job->array_job_id && job->array_task_id != NO_VAL)
		return condition(cluster, job->array_job_id, job->array_task_id, NO_VAL);
	if (job->het_job_id)
		return condition(cluster, job->het_job_id, NO_VAL, job->het_job_offset);
	return condition(cluster, job->jobid, NO_VAL, NO_VAL);
}

/* Finds a job; of a requeued job, its last run. NULL and a reason. */
static slurmdb_job_rec_t *job_find(const struct publish_request *r, const char **reason)
{
	slurmdb_job_cond_t c = condition(r->cluster, r->job, NO_VAL, NO_VAL);
	slurmdb_job_rec_t *job, *found = NULL;
	void *db = connection();
	void *jobs = c.step_list && db ? slurmdb_jobs_get(db, &c) : NULL;

	condition_free(&c);
	if (!jobs) {
		*reason = "slurmdbd did not answer";
		return NULL;
	}
	while ((job = slurm_list_pop(jobs))) {
		if (job->jobid == r->job) {
			if (found)
				slurmdb_destroy_job_rec(found);
			found = job;
		} else {
			slurmdb_destroy_job_rec(job);
		}
	}
	slurm_list_destroy(jobs);
	if (!found)
		*reason = "slurmdbd does not know the job";
	if (found && !found->end) {
		/* slurmctld will still send the job's end, which replaces the field. */
		*reason = "slurmdbd does not know the job's end yet";
		slurmdb_destroy_job_rec(found);
		found = NULL;
	}
	return found;
}

static char **member(const struct publish_request *r, slurmdb_job_rec_t *job)
{
#ifdef HAVE_SLURMDB_JOB_REC_T_EXTRA
	return publish_member(r->field, &job->admin_comment, &job->derived_es, &job->extra);
#else
	return publish_member(r->field, &job->admin_comment, &job->derived_es, NULL);
#endif
}

static char *database_read(const struct publish_request *r, const char **reason)
{
	slurmdb_job_rec_t *job = job_find(r, reason);
	char **text, *copy;

	if (!job)
		return NULL;
	text = member(r, job);
	copy = strdup(text && *text ? *text : "");
	slurmdb_destroy_job_rec(job);
	return copy;
}

static int database_write(const struct publish_request *r, char *text)
{
	slurmdb_job_rec_t change = { .derived_ec = NO_VAL, .array_task_id = NO_VAL }, *job;
	char **to = member(r, &change);
	const char *reason;
	slurmdb_job_cond_t c;
	void *changed;
	int error;

	if (!to)
		return ESLURM_NOT_SUPPORTED;
	*to = text;
	job = job_find(r, &reason);
	if (!job)
		return errno ? errno : SLURM_ERROR;
	c = condition_of(r->cluster, job);
	slurmdb_destroy_job_rec(job);
	changed = c.step_list ? slurmdb_job_modify(connection(), &c, &change) : NULL;
	error = errno;
	condition_free(&c);
	if (!changed)
		return error ? error : SLURM_ERROR;
	slurm_list_destroy(changed);
	slurmdb_connection_commit(connection(), true);
	return 0;
}

static const char *database_error(int number)
{
	return slurm_strerror(number);
}

const struct publish_way publish_by_database = { database_read, database_write, database_error };

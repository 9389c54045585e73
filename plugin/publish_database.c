#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

#include "config.h"
#include "publish_way.h"

char **publish_member(const char *field, char **admin_comment, char **comment, char **extra)
{
	if (!strcmp(field, "admin_comment"))
		return admin_comment;
	if (!strcmp(field, "comment"))
		return comment;
	return !strcmp(field, "extra") ? extra : NULL;
}

static void *connection(void)
{
	static void *kept;

	if (!kept)
		kept = slurmdb_connection_get(NULL);
	return kept;
}

/* Which job; the lists are small and end with the process. */
static slurmdb_job_cond_t condition(const struct publish_request *r)
{
	slurm_selected_step_t *job = calloc(1, sizeof(*job));
	slurmdb_job_cond_t c = {
		.flags = JOBCOND_FLAG_NO_STEP | JOBCOND_FLAG_NO_DEFAULT_USAGE,
		.db_flags = SLURMDB_JOB_FLAG_NOTSET,
	};

	if (job) {
		job->array_task_id = job->het_job_offset = NO_VAL;
		job->step_id.job_id = r->job;
		job->step_id.step_id = job->step_id.step_het_comp = NO_VAL;
		c.step_list = slurm_list_create(free);
		slurm_list_append(c.step_list, job);
	}
	return c;
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
	slurmdb_job_cond_t c = condition(r);
	void *db = connection(), *jobs;
	slurmdb_job_rec_t *job;
	char **text, *copy;

	if (!c.step_list || !db || !(jobs = slurmdb_jobs_get(db, &c))) {
		*reason = "slurmdbd did not answer";
		return NULL;
	}
	/* Of a job that was requeued the last run comes last. */
	for (job = NULL; slurm_list_count(jobs); job = slurm_list_pop(jobs))
		;
	slurm_list_destroy(c.step_list);
	if (!job) {
		*reason = "slurmdbd does not know the job";
		return NULL;
	}
	text = member(r, job);
	copy = strdup(text && *text ? *text : "");
	slurmdb_destroy_job_rec(job);
	slurm_list_destroy(jobs);
	return copy;
}

static int database_write(const struct publish_request *r, char *text)
{
	slurmdb_job_cond_t c = condition(r);
	slurmdb_job_rec_t change = { .derived_ec = NO_VAL, .array_task_id = NO_VAL };
	char **to = member(r, &change);
	void *db = connection();

	if (!to)
		return ESLURM_NOT_SUPPORTED;
	*to = text;
	if (!c.step_list || !db || !slurmdb_job_modify(db, &c, &change))
		return errno ? errno : SLURM_ERROR;
	slurmdb_connection_commit(db, true);
	return 0;
}

const struct publish_way publish_by_database = { database_read, database_write };

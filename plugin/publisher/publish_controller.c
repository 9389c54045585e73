/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>

#include "config.h"
#include "plugin/publisher/publish_way.h"
#include "plugin/publisher/slurm_job.h"
#include "results/spool.h"

/* Finds a job at slurmctld. Returns a member of *jobs, which the caller frees, or NULL. */
static slurm_job_info_t *job_load(uint32_t number, job_info_msg_t **jobs)
{
	if (slurm_job_load(jobs, number))
		return NULL;
	for (uint32_t i = 0; i < (*jobs)->record_count; i++)
		if (slurm_job_number(&(*jobs)->job_array[i]) == number)
			return &(*jobs)->job_array[i];
	errno = ESLURM_INVALID_JOB_ID;
	return NULL;
}

static char *controller_read(const struct publish_request *r, const char **reason)
{
	job_info_msg_t *jobs = NULL;
	slurm_job_info_t *job = job_load(r->job, &jobs);
	char **member, *text;

	if (!job) {
		*reason = slurm_strerror(errno);
		slurm_free_job_info_msg(jobs);
		return NULL;
	}
#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	member = publish_member(r->field, &job->admin_comment, &job->comment, &job->extra);
#else
	member = publish_member(r->field, &job->admin_comment, &job->comment, NULL);
#endif
	text = strdup(member && *member ? *member : "");
	slurm_free_job_info_msg(jobs);
	return text;
}

static int controller_write(const struct publish_request *r, char *text)
{
	job_desc_msg_t update;
	char **member;

	slurm_init_job_desc_msg(&update);
#ifdef HAVE_JOB_DESC_MSG_T_JOB_ID
	update.job_id = r->job;
#else
	update.step_id.job_id = r->job;
#endif
#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	member = publish_member(r->field, &update.admin_comment, &update.comment, &update.extra);
#else
	member = publish_member(r->field, &update.admin_comment, &update.comment, NULL);
#endif
	if (!member)
		return ESLURM_NOT_SUPPORTED;
	*member = text;
	if (slurm_update_job(&update) == 0)
		return 0;
	return errno == ESLURM_CANNOT_MODIFY_CRON_JOB ? PUBLISH_NEVER : errno;
}

static void conf_free(slurm_conf_t *conf)
{
#if HAVE_DECL_SLURM_FREE_CONF /* Slurm 26.05 */
	slurm_free_conf(conf);
#else
	slurm_free_ctl_conf(conf);
#endif
}

/*
 * Whether the job is of the cluster whose slurmctld this process talks to: a spool may have jobs of
 * several clusters.
 */
static bool is_of_own_cluster(const char *cluster)
{
	static char own[CLUSTER_SIZE];
	slurm_conf_t *conf = NULL;

	if (!*cluster)
		return true;
	if (!*own && slurm_load_ctl_conf(0, &conf) == 0) {
		spool_cluster_name(own, conf->cluster_name ? conf->cluster_name : "");
		conf_free(conf);
	}
	return !strcmp(cluster, own);
}

/* slurmctld still shows a job for a while after its end, but no longer changes it. */
bool publish_is_running(const struct publish_request *r)
{
	job_info_msg_t *jobs = NULL;
	const slurm_job_info_t *job;
	bool running;

	if (!is_of_own_cluster(r->cluster))
		return false;
	job = job_load(r->job, &jobs);
	running = job && (job->job_state & JOB_STATE_BASE) <= JOB_SUSPENDED;
	slurm_free_job_info_msg(jobs);
	return running;
}

static const char *controller_error(int number)
{
	return slurm_strerror(number);
}

const struct publish_way publish_by_controller = { controller_read, controller_write,
	controller_error };

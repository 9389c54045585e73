/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>
#include <slurm/slurm.h>

#include "config.h"
#include "plugin/publisher/job_query.h"
#include "plugin/publisher/slurm_job.h"

static struct job_numbers numbers_of(const slurm_job_info_t *job)
{
	return (struct job_numbers){
		.job = slurm_job_number(job),
		.array_job = job->array_job_id,
		.array_task = job->array_task_id,
		.het_job = job->het_job_id,
		.het_offset = job->het_job_offset,
	};
}

static bool is_meant(const slurm_job_info_t *job, const struct job_id *id)
{
	const struct job_numbers numbers = numbers_of(job);

	return (!geteuid() || job->user_id == geteuid()) && job_id_is(id, &numbers);
}

static json_t *time_json(time_t t)
{
	return t > 0 ? json_integer((json_int_t)t) : json_null();
}

static json_t *job_json(const slurm_job_info_t *job)
{
	bool ended = (job->job_state & JOB_STATE_BASE) > JOB_SUSPENDED;
	const struct job_numbers numbers = numbers_of(job);
	const char *extra = NULL;

#ifdef HAVE_SLURM_JOB_INFO_T_EXTRA
	extra = job->extra;
#endif
	return json_pack("{s:I, s:o, s:s, s:o, s:o, s:o, s:{s:s?, s:s?, s:s?}}", "job",
		(json_int_t)numbers.job, "id", job_query_id(&numbers), "state",
		job_query_state(job->job_state), "start", time_json(job->start_time), "end",
		time_json(ended ? job->end_time : 0), "nodes", job_query_nodes(job->nodes),
		"fields", "admin_comment", job->admin_comment, "comment", job->comment, "extra",
		extra);
}

json_t *job_query_controller(const struct job_id *id)
{
	job_info_msg_t *jobs = NULL;
	json_t *found = NULL;

	if (slurm_job_load(&jobs, id->job))
		return NULL;
	for (uint32_t i = 0; !found && i < jobs->record_count; i++)
		if (is_meant(&jobs->job_array[i], id))
			found = job_json(&jobs->job_array[i]);
	slurm_free_job_info_msg(jobs);
	return found;
}

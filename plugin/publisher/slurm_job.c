/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/publisher/slurm_job.h"

#include "config.h"

int slurm_job_load(job_info_msg_t **jobs, uint32_t number)
{
#ifdef HAVE_SLURM_LOAD_JOB_BY_STEP_ID
	slurm_step_id_t id = SLURM_STEP_ID_INITIALIZER;

	id.job_id = number;
	return slurm_load_job(jobs, id, SHOW_ALL);
#else
	return slurm_load_job(jobs, number, SHOW_ALL);
#endif
}

uint32_t slurm_job_number(const slurm_job_info_t *job)
{
#ifdef HAVE_SLURM_JOB_INFO_T_JOB_ID
	return job->job_id;
#else
	return job->step_id.job_id;
#endif
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job as slurmctld knows it, with the differences between Slurm's releases hidden. */
#ifndef RAYPSS_SLURM_JOB_H
#define RAYPSS_SLURM_JOB_H

#include <stdint.h>
#include <slurm/slurm.h>

/*
 * Asks slurmctld for a job, *jobs to be freed with slurm_free_job_info_msg(). slurmctld returns the
 * whole array or het job if the number is that of one of its tasks or components. 0, or nonzero and
 * errno.
 */
int slurm_job_load(job_info_msg_t **jobs, uint32_t number);

/* The job's own number, sacct's JobIDRaw. */
uint32_t slurm_job_number(const slurm_job_info_t *job);

#endif

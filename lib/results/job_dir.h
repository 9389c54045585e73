/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory of a job in the spool: JOBS/JOB. job_dir_make() makes it under another
 * name and renames it, so that the directory always has its owner and its rights.
 */
#ifndef RAYPSS_JOB_DIR_H
#define RAYPSS_JOB_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "results/step_info.h"

/* Opens it for reading. A descriptor, or -errno. */
int job_dir_open(int jobs_fd, uint32_t job);

/*
 * Opens it for writing a record of the step's, made where it is missing. A directory that belongs
 * to another user is moved aside first. A descriptor, or -errno.
 */
int job_dir_make(int jobs_fd, const struct step_info *info);

/* Whether a name in a jobs directory is that of a job, whose number is then in *job. */
bool job_dir_is_name(const char *name, uint32_t *job);

/* Whether a name is that of a directory that was moved aside, or is not finished yet. */
bool job_dir_is_aside(const char *name);

/*
 * Removes a directory with its files, at most most of them at a time. 1: it is gone; 0: there are
 * more files; -errno: something in it cannot be removed.
 */
int job_dir_remove(int jobs_fd, const char *name, unsigned most);

#endif

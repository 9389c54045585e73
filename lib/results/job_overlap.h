/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several steps of a job need together on one node. */
#ifndef RAYPSS_JOB_OVERLAP_H
#define RAYPSS_JOB_OVERLAP_H

#include <stddef.h>
#include <stdint.h>

#include "results/job_node.h"

/*
 * The greatest sum of the peaks of steps that ran at the same time, with each shared object counted
 * once: an upper bound, since their peaks need not have been at the same moment. All records are of
 * one node. n log n of records and objects. 0 or -ENOMEM.
 *
 * An object that two steps share is in the shared memory of both (procfs), or of the one that was
 * charged with it (cgroup). So the sum of the distinct objects is an upper bound of their shared
 * memory, and so is the plain sum; the lesser of these counts. Shared memory that no listed object
 * explains counts in full.
 */
int job_overlap_peak(const struct job_node *const *records, size_t n, uint64_t *peak);

#endif

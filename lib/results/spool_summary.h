/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job's summary in its directory: a file of a fixed size, so reading it costs always the same. */
#ifndef RAYPSS_SPOOL_SUMMARY_H
#define RAYPSS_SPOOL_SUMMARY_H

#include "results/job_node.h"
#include "results/job_summary.h"

/*
 * Adds a record. Waits some milliseconds at most for others who do the same; then it is left out.
 * 0 or -errno.
 */
int spool_summary_update(int job_dir, const struct job_node *node);

/* 0, -ENOENT where there is none that can be read, -EAGAIN where it changes too often, -errno. */
int spool_summary_read(int job_dir, struct job_summary *out);

#endif

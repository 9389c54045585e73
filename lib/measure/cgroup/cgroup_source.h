/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source with a control group: the step is every process in the group and below it. A v2 group
 * with memory accounting also gives the totals; then most looks read three files of the group, and
 * the processes are read once a second, when the footprint grew, and near the peak.
 */
#ifndef RAYPSS_CGROUP_SOURCE_H
#define RAYPSS_CGROUP_SOURCE_H

#include "measure/procfs/processes.h"
#include "measure/source.h"

struct cgroup_source_options {
	const char *dir; /* the group's directory */
	const char *top; /* directory up to which limits are read, or NULL; see memcg_open */
	pid_t except; /* a process in the group that does not belong to the step, 0 = none */
	uint64_t limit; /* for a group that has none: bytes, UNKNOWN = none */
};

/* proc_fd and processes stay the caller's, the options are copied. 0 or -errno. */
int cgroup_source_open(int proc_fd, struct processes *processes,
	const struct cgroup_source_options *options, struct source **out);

#endif

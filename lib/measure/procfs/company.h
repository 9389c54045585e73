/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a user has another step on the node. */
#ifndef RAYPSS_COMPANY_H
#define RAYPSS_COMPANY_H

#include <stdbool.h>
#include <sys/types.h>

#include "measure/procfs/process_table.h"

/*
 * Whether /proc shows a process of the user that belongs to a Slurm job or to a raypss run, and is
 * neither in the table, nor this program or what started it. True also where that cannot be known, as
 * of a process that the table shuns.
 * One stat per process of the node and one read per process of the user: not for every look.
 */
bool company_has(int proc_fd, uid_t uid, const struct process_table *table);

#endif

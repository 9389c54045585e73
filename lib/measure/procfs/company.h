/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a user has processes on the node that are not of the step. */
#ifndef RAYPSS_COMPANY_H
#define RAYPSS_COMPANY_H

#include <stdbool.h>
#include <sys/types.h>

#include "measure/procfs/process_table.h"

/*
 * Whether /proc shows a process of the user that is neither in the table, nor this program or what
 * started it. True also where that cannot be known. One stat per process of the node: not for every
 * look.
 */
bool company_has(int proc_fd, uid_t uid, const struct process_table *table);

#endif

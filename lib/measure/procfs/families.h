/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker of Ray starts counts for the worker: programs, and processes forked without exec. What
 * a service of Ray starts (dashboard.py, DashboardAgent ..) counts for the service.
 */
#ifndef RAYPSS_FAMILIES_H
#define RAYPSS_FAMILIES_H

#include "measure/procfs/process_table.h"

/*
 * Gives each descendant of a worker or a service the role and name of the worker, and has
 * row->descendant of each say so. Drivers, Ray's own processes and what a JobSupervisor runs stay
 * themselves. An orphan keeps the name of the worker that started it, and counts as a process of its
 * own.
 */
void families_update(struct process_table *table);

/* Adds up what the descendants of each worker have, once the look's private figures are known. */
void families_count(struct process_table *table);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what Ray writes in front of a worker's own output: whether the worker is an actor, and which.
 * The log belongs to the user, so only a regular file on a local file system is opened.
 */
#ifndef RAYPSS_WORKER_LOG_H
#define RAYPSS_WORKER_LOG_H

#include "measure/procfs/devices.h"
#include "measure/procfs/process_table.h"

/*
 * Reads at most 4 KiB of both ends of the file behind descriptor 1 of the process, and sets p->log
 * and p->log_name if that tells them. Nothing is changed where it does not, or is no worker's log.
 */
void worker_log_read(struct devices *devices, int proc_fd, struct process *p);

#endif

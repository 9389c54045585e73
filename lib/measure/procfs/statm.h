/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc/PID/statm through a descriptor that stays open.
 *
 * A process lives until its last thread ends. Once the main thread has left by pthread_exit(3),
 * /proc/PID shows no memory, although the process still has it. The directory of a living thread,
 * /proc/TID, shows that memory: process.via is the thread whose files are read.
 */
#ifndef RAYPSS_STATM_H
#define RAYPSS_STATM_H

#include <stdint.h>

#include "measure/procfs/process_table.h"

/* Keeps statm open. Without a descriptor each read opens the file. */
void statm_open(int proc_fd, struct process *p);

/*
 * Sets size, and rss and file_shmem of the row; all 0 for a process that has ended. 0, -ESRCH for a
 * process that is gone, or -errno; then the figures stay as they were.
 */
int statm_read(int proc_fd, uint64_t page_size, struct process *p);

#endif

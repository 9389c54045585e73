/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks whether a Python process has joined a Ray cluster whose raylet runs elsewhere: it holds the
 * log of a driver open, SESSION/logs/python-core-driver-ID_PID.log. Reads links of /proc/PID/fd,
 * which no user's process can hold, and never the mappings, which show Ray's store but can be held.
 */
#ifndef RAYPSS_DRIVER_SEEK_H
#define RAYPSS_DRIVER_SEEK_H

#include <stdbool.h>
#include <sys/types.h>

enum { DRIVER_SEEK_PROCESSES = 32 };

/* Begins as zeroes. */
struct driver_seek {
	pid_t pids[DRIVER_SEEK_PROCESSES]; /* processes that may become a driver */
	unsigned n;
};

/* Whether a process with this name, as /proc/PID/comm has it, may become a driver. */
bool driver_seek_may(const char *comm);

/*
 * Looks at the process from now on. More than DRIVER_SEEK_PROCESSES, and twice the same, have no
 * effect.
 */
void driver_seek_add(struct driver_seek *d, pid_t pid);

/*
 * The first process that is a driver now, 0 if none is. Forgets processes that have ended. The number
 * may belong to another process since driver_seek_add(): the caller asks again whose it is.
 */
pid_t driver_seek_look(struct driver_seek *d, int proc_fd);

#endif

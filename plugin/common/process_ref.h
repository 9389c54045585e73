/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that was seen once. A pid alone may belong to another process by the time that a signal
 * is sent. A pidfd (Linux 5.3) stands for one process for good. Before Linux 5.3 the start time is
 * compared right before the signal.
 */
#ifndef RAYPSS_PROCESS_REF_H
#define RAYPSS_PROCESS_REF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_ref {
	pid_t pid;
	uint64_t start; /* clock ticks after boot, as in /proc/PID/stat */
	int pidfd; /* -1: not held, or not known to this kernel */
};

/* Reads a process's start time, and its parent unless parent is NULL. 0, or -errno: it is gone. */
int process_ref_start(pid_t pid, uint64_t *start, pid_t *parent);

/* The process that made the pair of sockets to which this one belongs. 0 = not known. */
pid_t process_ref_peer(int socket);

/* Whether the pid still belongs to the process that has this start time: 0, -ESRCH or -errno. */
int process_ref_check(pid_t pid, uint64_t start);

/*
 * Takes hold of the process that has this pid and this start time. 0; -ESRCH: there is none, *r is
 * then an empty reference; another -errno.
 */
int process_ref_open(struct process_ref *r, pid_t pid, uint64_t start);

/* Signals that process, or nobody. 0, -ESRCH: the process is gone, or another -errno. */
int process_ref_signal(const struct process_ref *r, int signal);

/*
 * Signals the process group that the process leads. Before Linux 6.9 the group is named by its
 * number after a check that the leader still has that number. 0 or -errno.
 */
int process_ref_signal_group(const struct process_ref *r, int signal);

/* Closes the pidfd and empties the reference. */
void process_ref_close(struct process_ref *r);

/* Whether this kernel has pidfds, so that process_ref_signal() does without kill(2). */
bool process_ref_has_pidfd(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes that wait for a signal. */
#ifndef RAYPSS_CHILDREN_H
#define RAYPSS_CHILDREN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A child that pauses until a signal ends it. */
pid_t child_start(void);

/* A process with a handler for a signal. */
struct handling_child {
	pid_t pid;
	atomic_uint *received; /* how often the handler ran, in memory that both map */
};

/* Waits until the handler is in place. The child handles each of the n signals. */
struct handling_child child_start_handling(const int *signals, size_t n);

/* Waits until the handler ran so often. */
void child_wait_received(const struct handling_child *child, unsigned times);

/*
 * Another child with the pid of one that was reaped, but with another start time. -1: this user may
 * not choose pids.
 */
pid_t child_start_again(pid_t pid, uint64_t old_start);

/* Its start time, as in /proc/PID/stat. */
uint64_t child_start_time(pid_t pid);

/* Waits until a signal has ended the child. Returns that signal. */
int child_wait(pid_t pid);

/* Kills and reaps the child. Returns the signal that ended it: SIGKILL, or one that came before. */
int child_end(pid_t pid);

#endif

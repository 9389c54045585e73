/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes that wait for a signal. */
#ifndef RAYPSS_CHILDREN_H
#define RAYPSS_CHILDREN_H

#include <stdint.h>
#include <sys/types.h>

/* A child that pauses until a signal ends it. */
pid_t child_start(void);

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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process maps, by /proc/PID/map_files/START-END, without a descriptor on it: that would keep
 * its memory alive. The directory of one process stays open, since nearly always one process is the
 * witness of all objects: that saves a sixth of each stat.
 */
#ifndef RAYPSS_VMA_STAT_H
#define RAYPSS_VMA_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/procfile.h"

struct map_files {
	int proc_fd;
	int dir; /* map_files of pid, -1 = none */
	pid_t pid;
	pid_t asked; /* the last process that was another one */
	bool used; /* since the last map_files_settle */
};

/* proc_fd stays the caller's. */
void map_files_open(struct map_files *m, int proc_fd);
void map_files_close(struct map_files *m);

/* "PID/map_files/START-END" */
void map_files_path(char path[PROC_PATH], pid_t pid, uint64_t start, uint64_t end);

/* As fstatat: 0, or -1 with errno. */
int map_files_stat(struct map_files *m, pid_t pid, uint64_t start, uint64_t end, struct stat *out);

/* After a round of stats: opens another directory where the one that is open was of no use. */
void map_files_settle(struct map_files *m);

#endif

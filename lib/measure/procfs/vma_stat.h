/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stat of the files that a process maps, through /proc/PID/map_files/START-END. No descriptor on a
 * file is opened: a descriptor would keep the file's memory alive. The map_files directory of one
 * process stays open, since nearly always one process is the witness of all objects: that saves a
 * sixth of each stat.
 */
#ifndef RAYPSS_VMA_STAT_H
#define RAYPSS_VMA_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "base/procfile.h"

struct map_files {
	int proc_fd;
	int dir; /* map_files of pid, -1 = none */
	pid_t pid;
	pid_t asked; /* the last process other than pid that was asked for */
	bool used; /* dir was of use since the last map_files_settle */
};

/* proc_fd stays the caller's. */
void map_files_open(struct map_files *m, int proc_fd);
void map_files_close(struct map_files *m);

/* "PID/map_files/START-END" */
void map_files_path(char path[PROC_PATH], pid_t pid, uint64_t start, uint64_t end);

/*
 * Stat of a path below /proc that follows the link to the user's file: 0, or -1 with errno. The
 * kernel answers from what it knows, without asking a server (AT_STATX_DONT_SYNC): should a device
 * number have changed hands, a FUSE server cannot hold us.
 */
int link_stat(int dirfd, const char *path, struct stat *out);

/*
 * The present time of files in memory, from a file made for the purpose: their clock is behind
 * CLOCK_REALTIME by up to some milliseconds, and may be before CLOCK_REALTIME_COARSE.
 */
struct timespec file_clock(void);

/*
 * Whether the file behind the path is the user's and was made after since, a file_clock. Where the
 * kernel keeps no time of birth, its last change must be newer.
 */
bool link_is_newer(int dirfd, const char *path, uid_t uid, struct timespec since);

/* As link_stat. */
int map_files_stat(struct map_files *m, pid_t pid, uint64_t start, uint64_t end, struct stat *out);

/* After a round of stats: opens another directory if the open one was of no use. */
void map_files_settle(struct map_files *m);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads /proc/PID/stat, which no process can hold (reading.h). */
#ifndef RAYPSS_PID_READ_H
#define RAYPSS_PID_READ_H

#include <sys/types.h>

#include "measure/procfs/pid_parse.h"

/* 0; -ESRCH: the process is gone; -EINVAL: the text is no stat; another -errno. */
int pid_stat_read(int proc_fd, pid_t pid, struct pid_stat *out);

/* The same by the path of the file below dirfd, also of a thread's. */
int pid_stat_read_at(int dirfd, const char *path, struct pid_stat *out);

#endif

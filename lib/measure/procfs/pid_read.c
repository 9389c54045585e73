/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/pid_read.h"

#include <errno.h>

#include "base/procfile.h"

/* 52 numbers and a name. */
enum { STAT_SIZE = 1024 };

int pid_stat_read_at(int dirfd, const char *path, struct pid_stat *out)
{
	char buf[STAT_SIZE];
	ssize_t n = procfile_read(dirfd, path, buf, sizeof(buf));

	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	return pid_stat_parse(buf, (size_t)n, out);
}

int pid_stat_read(int proc_fd, pid_t pid, struct pid_stat *out)
{
	char path[PROC_PATH];

	procfile_path(path, pid, "stat");
	return pid_stat_read_at(proc_fd, path, out);
}

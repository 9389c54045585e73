/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/detach.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/pid_parse.h"

/* So that a raypssd that is stuck can be killed, and nobody else: pid and start time. */
static void introduce(struct shm_block *block, pid_t pid)
{
	char path[PROC_PATH], buf[1024];
	struct pid_stat stat;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	n = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
	if (n > 0 && pid_stat_parse(buf, (size_t)n, &stat) == 0) {
		block->daemon_start = stat.start;
		atomic_store(&block->daemon_pid, pid);
	}
}

void detach(struct shm_block *block)
{
	pid_t pid = fork();

	if (pid >= 0)
		introduce(block, pid ? pid : getpid());
	if (pid)
		_exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	setsid();
	(void)!chdir("/");
	umask(022);
}

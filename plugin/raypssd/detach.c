/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/detach.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/common/process_ref.h"

/* slurmstepd takes hold of raypssd by these, so that it can kill a raypssd that is stuck. */
static void introduce(struct shm_block *block, pid_t pid)
{
	uint64_t start;

	if (process_ref_start(pid, &start, NULL) == 0) {
		block->daemon_start = start;
		atomic_store(&block->daemon_pid, pid);
	}
}

void detach(struct shm_block *block)
{
	pid_t pid = fork();

	if (pid >= 0)
		introduce(block, pid ? pid : getpid());
	if (pid)
		_exit(pid < 0 ? RAYPSSD_CANNOT_FORK : EXIT_SUCCESS);
	setsid();
	detach_settle();
}

void detach_settle(void)
{
	(void)!chdir("/");
	umask(022);
}

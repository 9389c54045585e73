/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/company.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/environ_parse.h"
#include "measure/procfs/pid_read.h"

/* How many generations above us are looked at. */
enum { GENERATIONS = 32 };

enum { ENVIRON_MAX = 32 * 1024 };

/* A look that takes longer than this counts as one that found somebody. */
#define BOUND_NS (100 * NS_PER_MS)

struct ancestors {
	pid_t pids[GENERATIONS];
	unsigned n;
};

static pid_t parent_of(int proc_fd, pid_t pid)
{
	struct pid_stat stat;

	return pid_stat_read(proc_fd, pid, &stat) ? 0 : stat.ppid;
}

static void ancestors_find(struct ancestors *a, int proc_fd)
{
	pid_t pid = getpid();

	for (a->n = 0; a->n < GENERATIONS && pid > 0; pid = parent_of(proc_fd, pid))
		a->pids[a->n++] = pid;
}

static bool is_ancestor(const struct ancestors *a, pid_t pid)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->pids[i] == pid)
			return true;
	return false;
}

/* Whether a member forked it, so recently that the table does not have it yet. */
static bool is_descendant(int proc_fd, pid_t pid, const struct process_table *table)
{
	for (unsigned i = 0; i < GENERATIONS && pid > 1; i++) {
		pid = parent_of(proc_fd, pid);
		if (process_find(table, pid))
			return true;
	}
	return false;
}

/*
 * Whether the process is of a step: of a Slurm job, or of raypss run. A daemon or a login of the user
 * is not. An environment that cannot be read, or is too long, may have the mark.
 */
static bool is_of_a_step(int proc_fd, pid_t pid, const struct process_table *table)
{
	static const char *const marks[] = { "SLURM_JOB_ID=", "RAYPSS_RUN=" };
	char path[PROC_PATH], env[ENVIRON_MAX];
	ssize_t n;

	if (!process_reading(table, pid))
		return true;
	procfile_path(path, pid, "environ");
	n = procfile_read(proc_fd, path, env, sizeof(env));
	if (n == -ESRCH || n == -ENOENT)
		return false;
	if (n < 0 || n == sizeof(env) - 1)
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (environ_has(env, (size_t)n, marks[i], false))
			return true;
	return false;
}

static bool is_stranger(int proc_fd, const char *name, uid_t uid, const struct process_table *table,
	const struct ancestors *ours)
{
	pid_t pid = (pid_t)strtol(name, NULL, 10);
	struct stat st;

	if (pid <= 0 || process_find(table, pid) || is_ancestor(ours, pid))
		return false;
	return fstatat(proc_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == uid &&
		!is_descendant(proc_fd, pid, table) && is_of_a_step(proc_fd, pid, table);
}

bool company_has(int proc_fd, uid_t uid, const struct process_table *table)
{
	uint64_t begin_ns = thread_cpu_ns();
	struct ancestors ours;
	struct dirent *entry;
	bool found = false;
	DIR *dir;
	int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return true;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return true;
	}
	ancestors_find(&ours, proc_fd);
	while (!found && (entry = readdir(dir)))
		found = is_stranger(proc_fd, entry->d_name, uid, table, &ours) ||
			thread_cpu_ns() - begin_ns > BOUND_NS;
	closedir(dir);
	process_reading_end(table);
	return found;
}

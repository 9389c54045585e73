/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/statm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/pid_read.h"

/* Threads asked in one look. Only threads that are about to end have no memory to show. */
enum { THREADS_ASKED = 64 };

static int open_file(int proc_fd, pid_t pid)
{
	char path[PROC_PATH];

	procfile_path(path, pid, "statm");
	return openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
}

void statm_open(int proc_fd, struct process *p)
{
	if (p->statm_fd < 0)
		p->statm_fd = open_file(proc_fd, p->via);
}

static void follow(int proc_fd, struct process *p, pid_t thread)
{
	if (p->via == thread)
		return;
	p->via = thread;
	if (p->statm_fd < 0)
		return;
	close(p->statm_fd);
	p->statm_fd = open_file(proc_fd, thread);
}

/* In line, since statm_read is most of a steady look. */
static inline __attribute__((always_inline)) int figures_read(
	int proc_fd, uint64_t page_size, struct process *p)
{
	char path[PROC_PATH], buf[128];
	struct pid_statm statm;
	ssize_t n;

	if (p->statm_fd >= 0) {
		n = procfile_pread(p->statm_fd, buf, sizeof(buf));
	} else {
		procfile_path(path, p->via, "statm");
		n = procfile_read(proc_fd, path, buf, sizeof(buf));
	}
	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	if (pid_statm_parse(buf, (size_t)n, &statm))
		return -EINVAL;
	p->size = statm.size * page_size;
	p->row->rss = statm.resident * page_size;
	p->row->file_shmem = statm.shared * page_size;
	return 0;
}

/* Finds a thread that shows the memory. None: all threads are about to end. */
static void thread_find(int proc_fd, uint64_t page_size, struct process *p)
{
	char path[PROC_PATH];
	struct dirent *entry;
	unsigned asked = 0;
	DIR *dir;
	int fd;

	procfile_path(path, p->pid, "task");
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (!p->size && asked < THREADS_ASKED && (entry = readdir(dir))) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

		if (thread <= 0 || thread == p->pid)
			continue;
		asked++;
		follow(proc_fd, p, thread);
		(void)figures_read(proc_fd, page_size, p);
	}
	closedir(dir);
	if (!p->size)
		follow(proc_fd, p, p->pid);
}

/* What /proc/PID/stat says. 0, or -ESRCH where the pid belongs to another process by now. */
static int leader_check(int proc_fd, struct process *p, struct pid_stat *stat)
{
	int rc = pid_stat_read(proc_fd, p->pid, stat);

	if (rc)
		return rc;
	return p->row->start && p->row->start != stat->start ? -ESRCH : 0;
}

/* The process, or the thread in its place, shows no memory or is gone. rc: of reading its statm. */
static int another_read(int proc_fd, uint64_t page_size, struct process *p, int rc)
{
	struct pid_stat stat;
	bool left = p->via != p->pid;

	/* The thread has ended, or is about to. After an execve the process shows its memory itself. */
	if (left) {
		follow(proc_fd, p, p->pid);
		rc = figures_read(proc_fd, page_size, p);
	}
	if (rc || p->ended)
		return rc;
	rc = leader_check(proc_fd, p, &stat);
	if (rc || p->size)
		return rc == -ESRCH ? rc : 0;
	p->ended = stat.threads <= 1;
	if (!p->ended)
		thread_find(proc_fd, page_size, p);
	return 0;
}

int statm_read(int proc_fd, uint64_t page_size, struct process *p)
{
	int rc = figures_read(proc_fd, page_size, p);

	if (rc == 0 && p->size)
		return 0;
	if (rc && rc != -ESRCH)
		return rc;
	return another_read(proc_fd, page_size, p, rc);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/worker_log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/safe_open.h"

/* Bytes read of each end: Ray's lines stand in front, and a reused worker's behind its last task. */
enum { PIECE = 4096 };

static int log_open(struct devices *devices, int proc_fd, const struct process *p)
{
	char path[PROC_PATH];
	enum device_kind kind;
	struct stat st;
	int held, fd;

	procfile_path(path, p->via, "fd/1");
	held = openat(proc_fd, path, O_PATH | O_CLOEXEC);
	if (held < 0)
		return -1;
	fd = safe_reopen(devices, proc_fd, p->via, held, &kind);
	close(held);
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void piece_read(int fd, off_t at, struct process *p)
{
	char buf[PIECE], *begin = buf;
	ssize_t n = pread(fd, buf, sizeof(buf), at);
	enum worker_log log;

	/* The first line of a later piece is a line's end. */
	if (n > 0 && at)
		begin = memchr(buf, '\n', (size_t)n);
	if (n <= 0 || !begin)
		return;
	log = worker_log_parse(begin, (size_t)(buf + n - begin), p->log_name);
	if (log != WORKER_LOG_NONE)
		p->log = log;
}

void worker_log_read(struct devices *devices, int proc_fd, struct process *p)
{
	char path[PROC_PATH], link[4096];
	struct stat st;
	ssize_t n;
	int fd;

	procfile_path(path, p->via, "fd/1");
	n = readlinkat(proc_fd, path, link, sizeof(link) - 1);
	if (n <= 0)
		return;
	link[n] = '\0';
	if (!worker_log_is(link))
		return;
	fd = log_open(devices, proc_fd, p);
	if (fd < 0)
		return;
	piece_read(fd, 0, p);
	if (fstat(fd, &st) == 0 && st.st_size > PIECE)
		piece_read(fd, st.st_size - PIECE, p);
	close(fd);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/worker_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"

/* Bytes read of each end: Ray's lines stand in front, and a reused worker's behind its last task. */
enum { PIECE = 4096 };

/*
 * The file itself is held by an O_PATH descriptor while its file system is looked up, so that no
 * other file can take its place. A FIFO or a device is not opened at all.
 */
static int log_open(struct devices *devices, int proc_fd, const struct process *p)
{
	char path[PROC_PATH];
	enum device_kind kind;
	struct stat st;
	int held, fd = -1;

	procfile_path(path, p->via, "fd/1");
	held = openat(proc_fd, path, O_PATH | O_CLOEXEC);
	if (held < 0)
		return -1;
	kind = devices_of_open(devices, p->via, held);
	if ((kind == DEVICE_MEMORY || kind == DEVICE_LOCAL) && fstat(held, &st) == 0 &&
		S_ISREG(st.st_mode)) {
		snprintf(path, sizeof(path), "self/fd/%d", held);
		fd = openat(proc_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	close(held);
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

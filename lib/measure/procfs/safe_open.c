/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"

enum { PARTS_MAX = 64 };

static bool is_safe(enum device_kind kind)
{
	return kind == DEVICE_MEMORY || kind == DEVICE_LOCAL;
}

/*
 * The O_PATH descriptor holds the file while its file system is looked up, so that no other file can
 * take its place.
 */
int safe_reopen(struct devices *devices, int proc_fd, pid_t pid, int held, enum device_kind *kind)
{
	char path[PROC_PATH];
	struct stat st;
	int fd;

	*kind = devices_of_open(devices, pid, held);
	if (!is_safe(*kind))
		return -EPERM;
	if (fstat(held, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -EPERM;
	snprintf(path, sizeof(path), "self/fd/%d", held);
	fd = openat(proc_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* One part of the path further. dir is closed. */
static int part_open(struct devices *devices, pid_t pid, int dir, const char *part)
{
	int fd = -EPERM;

	/* A name is only looked up in a directory that is known not to block. */
	if (strcmp(part, "..") && is_safe(devices_of_open(devices, pid, dir))) {
		fd = openat(dir, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	close(dir);
	return fd;
}

int safe_open(
	struct devices *devices, int proc_fd, pid_t pid, const char *path, enum device_kind *kind)
{
	char root[PROC_PATH], part[256];
	unsigned parts = 0;
	int held, fd;

	procfile_path(root, pid, "root");
	held = openat(proc_fd, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (held < 0)
		return -errno;
	while (held >= 0 && *(path += strspn(path, "/"))) {
		size_t n = strcspn(path, "/");

		if (n >= sizeof(part) || ++parts > PARTS_MAX) {
			close(held);
			return -ENAMETOOLONG;
		}
		memcpy(part, path, n);
		part[n] = '\0';
		held = part_open(devices, pid, held, part);
		path += n;
	}
	if (held < 0)
		return held;
	fd = safe_reopen(devices, proc_fd, pid, held, kind);
	close(held);
	return fd;
}

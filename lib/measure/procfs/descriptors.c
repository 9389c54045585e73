/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/descriptors.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/mount_parse.h"

DIR *descriptors_open(int proc_fd, pid_t pid, int64_t position)
{
	char path[PROC_PATH];
	DIR *dir;
	int fd;

	procfile_path(path, pid, "fd");
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	/* A position of getdents(2) is good for another descriptor on the same directory, too. */
	if (position)
		lseek(fd, (off_t)position, SEEK_SET);
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

bool descriptor_is_dull(const char *link)
{
	return link[0] != '/' || !strcmp(link, "/dev/null") || !strncmp(link, "/dev/pts/", 9);
}

uint32_t descriptor_in_flight(int proc_fd, pid_t pid, const char *number)
{
	char path[PROC_PATH], text[512];
	uint64_t count;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/fdinfo/%.20s", pid, number);
	n = procfile_read(proc_fd, path, text, sizeof(text));
	return n > 0 && fdinfo_in_flight(text, (size_t)n, &count) == 0 ? (uint32_t)count : 0;
}

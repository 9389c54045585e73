/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/cgroup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/cgroup/cgroup_parse.h"

int cgroup_file_open(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void cgroup_file_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int cgroup_number_read(int fd, uint64_t *value)
{
	char buf[64];
	ssize_t n;

	if (fd < 0)
		return -ENOENT;
	n = procfile_pread(fd, buf, sizeof(buf));
	return n < 0 ? (int)n : cgroup_number_parse(buf, (size_t)n, value);
}

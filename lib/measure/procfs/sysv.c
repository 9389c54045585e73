/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/sysv.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool sysv_bytes(int proc_fd, uint64_t ino, uint64_t *bytes)
{
	char line[512], path[] = "sysvipc/shm";
	bool found = false;
	int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && fgets(line, sizeof(line), f)) {
		unsigned long long id, rss, swap;

		found = sscanf(line,
				"%*d %llu %*o %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu "
				"%llu",
				&id, &rss, &swap) == 3 &&
			id == ino;
		if (found)
			*bytes = rss + swap;
	}
	fclose(f);
	return found;
}

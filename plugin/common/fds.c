/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/fds.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_among(int fd, const int *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == fd)
			return true;
	return false;
}

void fds_close_but(int first, const int *kept, unsigned kept_n)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");

	/* Closing while reading is safe: it does not move the other entries. */
	while (dir && (entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (entry->d_name[0] != '.' && fd >= first && fd != dirfd(dir) &&
			!is_among(fd, kept, kept_n))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

void fds_close_from(int first)
{
	/* Not before Linux 5.9. */
	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0))
		fds_close_but(first, NULL, 0);
}

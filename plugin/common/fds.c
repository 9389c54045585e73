/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/fds.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void fds_close_from(int first)
{
	struct dirent *entry;
	DIR *dir;

	if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0)
		return;
	/* Before Linux 5.9. Closing while reading is safe: it does not move the other entries. */
	dir = opendir("/proc/self/fd");
	while (dir && (entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (entry->d_name[0] != '.' && fd >= first && fd != dirfd(dir))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

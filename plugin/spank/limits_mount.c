/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/limits_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/procfile.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

/* The step's "user" directory: slurmstepd starts tasks in step_X/slurm or step_X/user/task_N. */
static int step_directory(char dir[PATH_MAX])
{
	char buf[PATH_MAX], *path, *end;
	ssize_t n = procfile_read(AT_FDCWD, "/proc/self/cgroup", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	path = strstr(buf, "0::/");
	if (!path || (path != buf && path[-1] != '\n') || !strstr(path, "/step_"))
		return -ENOTSUP;
	path += 3;
	path[strcspn(path, "\n")] = '\0';
	end = strstr(path, "/step_");
	end += 1 + strcspn(end + 1, "/");
	*end = '\0';
	if ((size_t)snprintf(dir, PATH_MAX, CGROUP_ROOT "%s/user", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	return access(dir, F_OK) ? -errno : 0;
}

int limits_show(void)
{
	char dir[PATH_MAX];
	int rc = step_directory(dir);

	if (rc)
		return rc;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) ||
		mount(dir, CGROUP_ROOT, NULL, MS_BIND, NULL))
		return -errno;
	return 0;
}

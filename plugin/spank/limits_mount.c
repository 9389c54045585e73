/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/limits_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/cgroup/cgroup_parse.h"
#include "plugin/common/paths.h"
#include "plugin/common/step_cgroup.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

/* The directory of the step's own cgroup, by the one that this process is in. */
static int step_directory(char dir[PATH_MAX])
{
	static struct step_cgroup group;
	char buf[2 * PATH_MAX], path[PATH_MAX];
	ssize_t n = procfile_read(AT_FDCWD, "/proc/self/cgroup", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if (proc_cgroup_parse(buf, (size_t)n, NULL, path, sizeof(path)) ||
		step_cgroup_parse(2, path, &group))
		return -ENOTSUP;
	if ((size_t)snprintf(dir, PATH_MAX, CGROUP_ROOT "%s", group.group) >= PATH_MAX)
		return -ENAMETOOLONG;
	return access(dir, F_OK) ? -errno : 0;
}

/* Whether the cgroup of that directory has a limit of its own. */
static bool has_limit(const char *dir)
{
	char path[PATH_MAX + 16], buf[32];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/" LIMITS_MAX, dir);
	n = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
	return n > 0 && buf[0] >= '0' && buf[0] <= '9';
}

static int show(const char *dir, unsigned long flags)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) ||
		mount(dir, CGROUP_ROOT, NULL, MS_BIND, NULL))
		return -errno;
	/* A bind mount takes flags only when it is mounted anew. */
	if (flags && mount("none", CGROUP_ROOT, NULL, MS_BIND | MS_REMOUNT | flags, NULL))
		return -errno;
	return 0;
}

int limits_show(const char *dir)
{
	char own[PATH_MAX];
	int rc = step_directory(own);

	if (rc == 0 && (has_limit(own) || !dir))
		return show(own, 0);
	if (dir)
		return show(dir, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
	/* A host without cgroup v2 is not an error, but leaves nothing to show. */
	return rc == -ENOENT ? -ENOTSUP : rc;
}

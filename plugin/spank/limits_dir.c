/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/limits_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/common/paths.h"

static int file_make(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	int rc = 0;

	if (fd < 0)
		return -errno;
	/* slurmstepd's umask is not ours to rely on. The task reads the file as the user. */
	if (fchmod(fd, 0644) || dprintf(fd, "%s\n", text) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static int dir_open(const char *path)
{
	int dir;

	if ((mkdir(STATE_DIR, 0711) && errno != EEXIST) || (mkdir(path, 0755) && errno != EEXIST))
		return -errno;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	if (fchmod(dir, 0755) == 0)
		return dir;
	close(dir);
	return -EPERM;
}

int limits_dir_make(const struct step_info *info, uint64_t limit)
{
	char path[LIMITS_PATH], max[24];
	int dir = dir_open(limits_path(info, path)), rc;

	if (dir < 0)
		return dir;
	snprintf(max, sizeof(max), "%llu", (unsigned long long)limit);
	rc = file_make(dir, LIMITS_MAX, max);
	/* Before the first sample the step uses nothing. */
	if (rc == 0)
		rc = file_make(dir, LIMITS_CURRENT, "0");
	if (rc == 0)
		rc = file_make(dir, LIMITS_STAT, "inactive_file 0\nactive_file 0");
	close(dir);
	if (rc)
		limits_dir_remove(info);
	return rc;
}

void limits_dir_remove(const struct step_info *info)
{
	static const char *const files[] = { LIMITS_MAX, LIMITS_CURRENT, LIMITS_STAT };
	char path[LIMITS_PATH];
	int dir = open(limits_path(info, path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return;
	for (unsigned i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlinkat(dir, files[i], 0);
	close(dir);
	rmdir(path);
}

#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"

char *spool_name(const struct step_facts *f, char *buf, size_t size)
{
	char restart[16] = "";

	if (f->restart)
		snprintf(restart, sizeof(restart), ".r%u", f->restart);
	snprintf(buf, size, "%u%s.%s.%s.json", f->job, restart, f->step, f->node);
	return buf;
}

int spool_open(const char *path)
{
	char part[PATH_MAX];
	int fd;

	/* Users reach their own records by name (0711), as the site's tools tell it to them. */
	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s",
			slash ? (int)(slash - path) : (int)strlen(path), path);
		if (mkdir(part, slash ? 0755 : 0711) && errno != EEXIST)
			return -errno;
		if (!slash)
			break;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int spool_write(int spool_fd, const struct step_facts *facts, const json_t *record)
{
	char name[NODE_SIZE + 64], temporary[NODE_SIZE + 80];
	int fd, rc = 0;

	spool_name(facts, name, sizeof(name));
	snprintf(temporary, sizeof(temporary), ".%s.%d", name, getpid());
	fd = openat(
		spool_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* Where there are no ACLs only root reads it: the record matters more. */
	if (access_grant_read(fd, facts->uid))
		fchmod(fd, 0600);
	if (json_dumpfd(record, fd, JSON_COMPACT | JSON_REAL_PRECISION(15)))
		rc = -EIO;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && renameat(spool_fd, temporary, spool_fd, name))
		rc = -errno;
	if (rc)
		unlinkat(spool_fd, temporary, 0);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directories of records and of live figures: there, safe, writable, with room and rights. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "results/access.h"
#include "tools/check/check.h"

/* A record is some KiB; with less room soon none is written. */
#define ROOM_LEAST (64 * MIB)

/* Whose access is tried: nobody's, who has no file here. */
enum { SOME_USER = 65534 };

/* A file without a name where the file system has that, else one that is removed at once. */
static int file_make(const char *dir)
{
	char path[PATH_MAX + 32];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? -errno : fd;
	snprintf(path, sizeof(path), "%s/.check-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static void writing_check(struct check *c, const char *what, const char *dir)
{
	int fd = file_make(dir), rc;

	if (fd < 0) {
		check_say(c, CHECK_BROKEN, what, "cannot write to \"%s\": %s", dir, strerror(-fd));
		return;
	}
	rc = access_grant_read(fd, SOME_USER);
	close(fd);
	if (rc)
		check_say(c, CHECK_BROKEN, what,
			"\"%s\" has no access control lists: %s; users cannot read their records",
			dir, strerror(-rc));
	else
		check_say(c, CHECK_OK, what, "%s: can be written, has access control lists", dir);
}

static void room_check(struct check *c, const char *what, const char *dir)
{
	char size[SIZE_TEXT];
	struct statfs fs;
	uint64_t room;

	if (statfs(dir, &fs))
		return;
	room = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	if (room < ROOM_LEAST)
		check_say(c, CHECK_WARNING, what, "only %s are free in %s", size_format(room, size),
			dir);
	if (fs.f_files && fs.f_ffree < fs.f_files / 100)
		check_say(
			c, CHECK_WARNING, what, "less than 1 %% of the inodes are free in %s", dir);
}

/* What a directory is to be: root's, and of nobody else for writing. */
static bool directory_is_safe(struct check *c, const char *what, const char *dir)
{
	struct stat st;

	if (lstat(dir, &st)) {
		check_say(c, CHECK_BROKEN, what, "cannot use \"%s\": %s", dir, strerror(errno));
		return false;
	}
	if (S_ISLNK(st.st_mode) && stat(dir, &st))
		st.st_mode = S_IFREG;
	if (!S_ISDIR(st.st_mode)) {
		check_say(c, CHECK_BROKEN, what, "\"%s\" is no directory", dir);
		return false;
	}
	if (st.st_mode & S_IWOTH) {
		check_say(c, CHECK_BROKEN, what,
			"every user may write to \"%s\" (mode %04o): chmod 711", dir,
			st.st_mode & 07777);
		return false;
	}
	if (!(st.st_mode & S_IXOTH))
		check_say(c, CHECK_WARNING, what,
			"users cannot enter \"%s\" (mode %04o), nor read their own figures: chmod "
			"711",
			dir, st.st_mode & 07777);
	return true;
}

/* raypssd makes a missing directory with its parents at the first step. */
static bool will_be_made(struct check *c, const char *what, const char *dir)
{
	char parent[PATH_MAX];
	char *slash;

	if (access(dir, F_OK) == 0 || errno != ENOENT)
		return false;
	snprintf(parent, sizeof(parent), "%s", dir);
	do {
		slash = strrchr(parent, '/');
		if (slash)
			*slash = '\0';
	} while (slash && *parent && access(parent, F_OK));
	if (!*parent)
		strcpy(parent, "/");
	if (access(parent, W_OK | X_OK))
		check_say(c, CHECK_BROKEN, what, "\"%s\" cannot be made in \"%s\": %s", dir, parent,
			strerror(errno));
	else
		check_say(c, CHECK_OK, what, "%s will be made by the first step", dir);
	return true;
}

static void directory_check(struct check *c, const char *what, const char *dir)
{
	if (will_be_made(c, what, dir) || !directory_is_safe(c, what, dir))
		return;
	writing_check(c, what, dir);
	room_check(c, what, dir);
}

void check_places(struct check *c)
{
	struct statfs fs;

	if (!c->as_root) {
		check_say(c, CHECK_WARNING, "spool", "%s was not tried: that needs root",
			c->site.spool);
		return;
	}
	directory_check(c, "spool", c->site.spool);
	directory_check(c, "live", STATE_DIR);
	if (statfs(STATE_DIR, &fs) == 0 && fs.f_type != TMPFS_MAGIC)
		check_say(c, CHECK_WARNING, "live",
			STATE_DIR " is not on a tmpfs: live figures are written to a disk");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/tmpfs_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"

enum {
	DEPTH = 16,
	ENTRIES = 65536, /* as many as there may be objects */
	CHECK_EVERY = 64, /* entries between two looks at the clock */
	PATH = 1024,
};

/* Answered from what the kernel knows: a server that mounted something there cannot hold us. */
static int stat_of(int fd, const char *name, struct statx *sx)
{
	return statx(fd, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC,
		       STATX_BASIC_STATS | STATX_BTIME, sx)
		? -errno
		: 0;
}

static uint64_t dev_of(const struct statx *sx)
{
	return makedev(sx->stx_dev_major, sx->stx_dev_minor);
}

static struct timespec time_of(const struct statx_timestamp *t)
{
	return (struct timespec){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

static bool is_newer(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

int tmpfs_usage(int fd, struct tmpfs_usage *out)
{
	struct statfs fs;
	struct statx sx;
	int rc = stat_of(fd, "", &sx);

	if (rc)
		return rc;
	if (fstatfs(fd, &fs))
		return -errno;
	if (fs.f_type != TMPFS_MAGIC)
		return -ENOTSUP;
	*out = (struct tmpfs_usage){
		.dev = dev_of(&sx),
		.bytes = (uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize,
		.files = (uint64_t)(fs.f_files - fs.f_ffree),
	};
	if (sx.stx_mask & STATX_BTIME)
		out->born = time_of(&sx.stx_btime);
	return 0;
}

int tmpfs_open(const char *path, struct tmpfs_usage *out)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = tmpfs_usage(fd, out);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Where a walk is: the directories from the root down, and the path of the last one. */
struct position {
	const struct tmpfs_walk *walk;
	DIR *dirs[DEPTH];
	size_t lengths[DEPTH]; /* of the path, by depth */
	unsigned depth;
	unsigned entries;
	bool cut;
	char path[PATH];
};

/* The directory is opened only when it is known to be on the same file system. */
static DIR *dir_open(const struct position *at, int parent, const char *name)
{
	int path = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -1;
	struct statx sx;
	DIR *dir = NULL;

	if (path < 0)
		return NULL;
	if (stat_of(path, "", &sx) == 0 && dev_of(&sx) == at->walk->dev)
		fd = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		dir = fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	close(path);
	return dir;
}

static void enter(struct position *at, int parent, const char *name)
{
	size_t length = at->depth ? at->lengths[at->depth - 1] : strlen(at->path);
	size_t more = strlen(name);
	DIR *dir;

	if (at->depth == DEPTH || length + more + 2 > sizeof(at->path)) {
		at->cut = true;
		return;
	}
	dir = dir_open(at, parent, name);
	/* Removed meanwhile, or mounted upon. */
	if (!dir)
		return;
	if (at->depth) {
		at->path[length++] = '/';
		memcpy(at->path + length, name, more + 1);
		length += more;
	}
	at->dirs[at->depth] = dir;
	at->lengths[at->depth++] = length;
}

static void file_take(const struct position *at, int dir, const char *name)
{
	const struct tmpfs_walk *w = at->walk;
	size_t length = at->lengths[at->depth - 1];
	struct tmpfs_file file;
	char path[PATH + NAME_MAX + 2];
	struct statx sx;
	int n;

	if (stat_of(dir, name, &sx) || !S_ISREG(sx.stx_mode) || dev_of(&sx) != w->dev ||
		sx.stx_uid != w->uid || !sx.stx_blocks)
		return;
	/* Where the kernel keeps no time of birth, the last change must be newer. */
	if (!is_newer(time_of(sx.stx_mask & STATX_BTIME ? &sx.stx_btime : &sx.stx_ctime), w->since))
		return;
	file.dev = w->dev;
	file.ino = sx.stx_ino;
	file.bytes = sx.stx_blocks * STAT_BLOCK;
	n = snprintf(path, sizeof(path), "%.*s/%s", (int)length, at->path, name);
	text_clean(file.name, sizeof(file.name), path, (size_t)n);
	w->visit(w->context, &file);
}

static bool may_go_on(struct position *at)
{
	if (++at->entries % CHECK_EVERY == 0 &&
		(at->entries >= ENTRIES || monotonic_ns() > at->walk->deadline_ns))
		at->cut = true;
	return !at->cut;
}

/* Takes the next entry of the last directory; leaves the directory behind the last entry. */
static void step(struct position *at)
{
	DIR *dir = at->dirs[at->depth - 1];
	const struct dirent *entry = readdir(dir);

	if (!entry) {
		closedir(dir);
		at->depth--;
	} else if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) {
		return;
	} else if (entry->d_type == DT_DIR) {
		enter(at, dirfd(dir), entry->d_name);
	} else if (entry->d_type == DT_REG) {
		file_take(at, dirfd(dir), entry->d_name);
	}
}

int tmpfs_walk(const struct tmpfs_walk *w, int fd)
{
	struct position at = { .walk = w };

	snprintf(at.path, sizeof(at.path), "%s", w->path);
	enter(&at, fd, ".");
	if (!at.depth)
		return -errno;
	while (at.depth && may_go_on(&at))
		step(&at);
	while (at.depth)
		closedir(at.dirs[--at.depth]);
	return at.cut ? TMPFS_WALK_CUT : 0;
}

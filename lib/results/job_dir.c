/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/job_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "results/access.h"
#include "results/spool_file.h"

#define OWNER_FILE ".owner"
#define LOCK_FILE ".lock"
#define ASIDE_PREFIX ".job-"

/* Milliseconds to wait for the lock. Others hold the lock for a few system calls. */
enum { LOCK_TRIES = 50 };

static int dir_open(int jobs_fd, const char *name)
{
	int fd = openat(jobs_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int job_dir_open(int jobs_fd, uint32_t job)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", job);
	return dir_open(jobs_fd, name);
}

static bool owner_is(int dir, uid_t uid)
{
	char text[16] = "", want[16];
	int fd = openat(dir, OWNER_FILE, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return false;
	snprintf(want, sizeof(want), "%u\n", uid);
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = '\0';
	close(fd);
	return !strcmp(text, want);
}

static int owner_write(int dir, uid_t uid)
{
	int fd = openat(
		dir, OWNER_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = dprintf(fd, "%u\n", uid) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* A name that no other process has, on this node or another one. */
static void aside_name(const struct step_info *f, const char *what, char name[FILE_NAME])
{
	char node[NODE_SIZE];

	spool_file_name(node, sizeof(node), f->node);
	snprintf(name, FILE_NAME, ASIDE_PREFIX "%u-%s-%s.%d.%lld", f->job, what, node, getpid(),
		(long long)time(NULL));
}

/* Renames a job's directory that belongs to another user. */
static int job_set_aside(int jobs_fd, const struct step_info *f)
{
	char name[16], aside[FILE_NAME];
	int lock = spool_file_open(jobs_fd, LOCK_FILE), dir, rc;

	if (lock < 0)
		return lock;
	rc = spool_file_lock(lock, LOCK_TRIES);
	dir = rc ? rc : job_dir_open(jobs_fd, f->job);
	if (dir < 0) {
		close(lock);
		return dir;
	}
	/* Another node may have done that already, and made the new directory. */
	if (!owner_is(dir, f->uid)) {
		snprintf(name, sizeof(name), "%u", f->job);
		aside_name(f, "old", aside);
		rc = access_revoke(dir);
		if (rc == 0 && renameat(jobs_fd, name, jobs_fd, aside))
			rc = -errno;
	}
	close(dir);
	close(lock);
	return rc;
}

static int job_create(int jobs_fd, const struct step_info *f)
{
	char name[16], fresh[FILE_NAME];
	int dir, rc;

	aside_name(f, "new", fresh);
	if (mkdirat(jobs_fd, fresh, 0700) && errno != EEXIST)
		return -errno;
	dir = dir_open(jobs_fd, fresh);
	if (dir < 0)
		return dir;
	rc = owner_write(dir, f->uid);
	/* Without ACLs only root lists it; the records matter more. */
	if (access_grant_read(dir, f->uid))
		fchmod(dir, 0700);
	snprintf(name, sizeof(name), "%u", f->job);
	/* Fails if another node made the directory meanwhile: rename(2) replaces only empty ones. */
	if (rc == 0 && renameat(jobs_fd, fresh, jobs_fd, name))
		rc = -errno;
	if (rc == 0)
		return dir;
	close(dir);
	job_dir_remove(jobs_fd, fresh, 1);
	return rc == -ENOTEMPTY || rc == -EEXIST ? job_dir_open(jobs_fd, f->job) : rc;
}

int job_dir_make(int jobs_fd, const struct step_info *f)
{
	int dir = job_dir_open(jobs_fd, f->job), rc;

	if (dir >= 0 && owner_is(dir, f->uid))
		return dir;
	if (dir >= 0) {
		close(dir);
		rc = job_set_aside(jobs_fd, f);
		if (rc)
			return rc;
		dir = job_dir_open(jobs_fd, f->job);
	}
	if (dir == -ENOENT)
		dir = job_create(jobs_fd, f);
	/* Another node made it meanwhile; for the same job it has the same owner. */
	if (dir >= 0 && !owner_is(dir, f->uid)) {
		close(dir);
		return -EAGAIN;
	}
	return dir;
}

bool job_dir_is_name(const char *name, uint32_t *job)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	if (*name < '1' || *name > '9' || *end || number > UINT32_MAX)
		return false;
	*job = (uint32_t)number;
	return true;
}

bool job_dir_is_aside(const char *name)
{
	return !strncmp(name, ASIDE_PREFIX, strlen(ASIDE_PREFIX));
}

int job_dir_remove(int jobs_fd, const char *name, unsigned most)
{
	int dir = dir_open(jobs_fd, name);
	DIR *stream = dir < 0 ? NULL : spool_file_list(dir);
	struct dirent *entry = NULL;
	int rc = 0;

	while (stream && !rc && most && (entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (unlinkat(dir, entry->d_name, 0))
			rc = -errno;
		most--;
	}
	if (stream)
		closedir(stream);
	if (dir >= 0)
		close(dir);
	if (rc || entry)
		return rc;
	return unlinkat(jobs_fd, name, AT_REMOVEDIR) && errno != ENOENT ? -errno : 1;
}

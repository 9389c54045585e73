/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/access.h"

#define RECORD_SUFFIX ".json"
#define PUBLISHED_FILE ".published"
#define EXPIRED_FILE ".expired"
#define TURNS_FILE ".turns"
#define ROUND_FILE ".round"

enum {
	EXPIRE_EVERY_S = 3600,
	/* What changed so short before a round began is looked at once more. */
	ROUND_OVERLAP_S = 60,
	NAME_SIZE = NODE_SIZE + STEP_SIZE + 32,
};

/* "[rRESTART.]STEP.NODE.json" */
static void record_name(const struct step_info *f, char name[NAME_SIZE])
{
	char restart[16] = "";

	if (f->restart)
		snprintf(restart, sizeof(restart), "r%u.", f->restart);
	snprintf(name, NAME_SIZE, "%s%s.%s" RECORD_SUFFIX, restart, f->step, f->node);
}

int spool_open(const char *path)
{
	char part[PATH_MAX];
	int fd;

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

static int job_open(int spool_fd, uint32_t job)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", job);
	fd = openat(spool_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int job_make(int spool_fd, const struct step_info *facts)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", facts->job);
	if (mkdirat(spool_fd, name, 0700) == 0) {
		fd = job_open(spool_fd, facts->job);
		/* Without ACLs only root lists it; the records matter more. */
		if (fd >= 0 && access_grant_read(fd, facts->uid))
			fchmod(fd, 0700);
		return fd;
	}
	return errno == EEXIST ? job_open(spool_fd, facts->job) : -errno;
}

/* Writes value under its name in dir, all or nothing. uid: who may read it beside root. */
static int json_write(int dir, const char *name, const json_t *value, uid_t uid)
{
	char temporary[NAME_SIZE + 16];
	int fd, rc = 0;

	snprintf(temporary, sizeof(temporary), ".%s.%d", name, getpid());
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (access_grant_read(fd, uid))
		fchmod(fd, 0600);
	if (json_dumpfd(value, fd, JSON_COMPACT | JSON_REAL_PRECISION(15)))
		rc = -EIO;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && renameat(dir, temporary, dir, name))
		rc = -errno;
	if (rc)
		unlinkat(dir, temporary, 0);
	return rc;
}

int spool_write(int spool_fd, const struct step_info *facts, const json_t *record)
{
	char name[NAME_SIZE];
	int dir = job_make(spool_fd, facts), rc;

	if (dir < 0)
		return dir;
	record_name(facts, name);
	rc = json_write(dir, name, record, facts->uid);
	close(dir);
	return rc;
}

static json_t *json_read(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	json_t *value;

	if (fd < 0)
		return NULL;
	value = json_loadfd(fd, 0, NULL);
	close(fd);
	return value;
}

/* A directory stream of its own over an open directory. */
static DIR *dir_stream(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream && fd >= 0)
		close(fd);
	return stream;
}

static bool is_record(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > strlen(RECORD_SUFFIX) &&
		!strcmp(name + n - strlen(RECORD_SUFFIX), RECORD_SUFFIX);
}

int spool_each_record(int spool_fd, uint32_t job, spool_each_fn *fn, void *arg)
{
	int dir = job_open(spool_fd, job), n = 0;
	struct dirent *entry;
	DIR *stream;

	if (dir < 0)
		return dir;
	stream = dir_stream(dir);
	if (!stream) {
		close(dir);
		return -EACCES;
	}
	while ((entry = readdir(stream))) {
		json_t *record = is_record(entry->d_name) ? json_read(dir, entry->d_name) : NULL;

		/* What is not a record, or is somebody else's mistake, is not ours to judge. */
		if (json_integer_value(json_object_get(record, "job")) == job) {
			fn(record, arg);
			n++;
		}
		json_decref(record);
	}
	closedir(stream);
	close(dir);
	return n ? n : -ENOENT;
}

int spool_each_job(int spool_fd, void (*fn)(uint32_t job, void *arg), void *arg)
{
	DIR *stream = dir_stream(spool_fd);
	struct dirent *entry;

	if (!stream)
		return -errno;
	while ((entry = readdir(stream))) {
		char *end;
		unsigned long job = strtoul(entry->d_name, &end, 10);

		if (!*end && job && job <= UINT32_MAX)
			fn((uint32_t)job, arg);
	}
	closedir(stream);
	return 0;
}

/* The mark of a round under way: those of two that overlap are different. */
static const char *round_name(char name[32])
{
	snprintf(name, 32, ROUND_FILE ".%d", (int)getpid());
	return name;
}

struct round {
	int spool_fd;
	time_t since;
	void (*fn)(uint32_t job, void *arg);
	void *arg;
};

static void round_job(uint32_t job, void *arg)
{
	const struct round *r = arg;
	char name[16];
	struct stat st;

	snprintf(name, sizeof(name), "%u", job);
	if (fstatat(r->spool_fd, name, &st, AT_SYMLINK_NOFOLLOW) || st.st_mtime >= r->since)
		r->fn(job, r->arg);
}

int spool_round(int spool_fd, void (*fn)(uint32_t job, void *arg), void *arg)
{
	struct round r = { .spool_fd = spool_fd, .fn = fn, .arg = arg };
	struct stat st;
	char name[32];
	int fd;

	if (fstatat(spool_fd, ROUND_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0)
		r.since = st.st_mtime - ROUND_OVERLAP_S;
	/* Without a mark, the next round looks at as many. */
	fd = openat(spool_fd, round_name(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return spool_each_job(spool_fd, round_job, &r);
}

void spool_round_done(int spool_fd)
{
	char name[32];

	renameat(spool_fd, round_name(name), spool_fd, ROUND_FILE);
}

void spool_round_failed(int spool_fd)
{
	char name[32];

	unlinkat(spool_fd, round_name(name), 0);
}

int spool_note_published(int spool_fd, uint32_t job, const json_t *entries)
{
	int dir = job_open(spool_fd, job), rc;

	if (dir < 0)
		return dir;
	rc = json_write(dir, PUBLISHED_FILE, entries, geteuid());
	close(dir);
	return rc;
}

json_t *spool_published(int spool_fd, uint32_t job)
{
	int dir = job_open(spool_fd, job);
	json_t *entries;

	if (dir < 0)
		return NULL;
	entries = json_read(dir, PUBLISHED_FILE);
	close(dir);
	return entries;
}

/* Turns left, and when that was so. */
struct turns {
	double left;
	int64_t at_s;
};

bool spool_take_turn(int spool_fd, uint32_t job, unsigned burst, unsigned refill_s, time_t now)
{
	int dir = spool_fd < 0 ? -1 : job_open(spool_fd, job), fd;
	struct turns t = { burst, now };
	bool granted;

	if (dir < 0)
		return true;
	fd = openat(dir, TURNS_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	close(dir);
	if (fd < 0)
		return true;
	/* Never wait: who cannot have the lock at once takes part unlocked, at worst one too many. */
	flock(fd, LOCK_EX | LOCK_NB);
	if (pread(fd, &t, sizeof(t), 0) != sizeof(t))
		t = (struct turns){ burst, now };
	if (now > t.at_s)
		t.left += (double)(now - t.at_s) / refill_s;
	if (t.left > burst)
		t.left = burst;
	granted = t.left >= 1;
	if (granted)
		t.left -= 1;
	t.at_s = now;
	if (pwrite(fd, &t, sizeof(t), 0) != sizeof(t))
		granted = true;
	close(fd);
	return granted;
}

struct aged {
	uint32_t job;
	time_t modified;
};

struct aged_list {
	int spool_fd;
	struct aged *jobs;
	size_t n, room;
};

static void aged_add(uint32_t job, void *arg)
{
	struct aged_list *l = arg;
	char name[16];
	struct stat st;

	snprintf(name, sizeof(name), "%u", job);
	if (fstatat(l->spool_fd, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		return;
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		struct aged *jobs = realloc(l->jobs, room * sizeof(*jobs));

		if (!jobs)
			return; /* the rest is for the next time */
		l->jobs = jobs;
		l->room = room;
	}
	l->jobs[l->n++] = (struct aged){ job, st.st_mtime };
}

static int newest_first(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	return x->modified > y->modified ? -1 : x->modified < y->modified;
}

static void job_remove(int spool_fd, uint32_t job)
{
	int dir = job_open(spool_fd, job);
	DIR *stream = dir < 0 ? NULL : dir_stream(dir);
	struct dirent *entry;
	char name[16];

	while (stream && (entry = readdir(stream)))
		unlinkat(dir, entry->d_name, 0);
	if (stream)
		closedir(stream);
	if (dir >= 0)
		close(dir);
	snprintf(name, sizeof(name), "%u", job);
	unlinkat(spool_fd, name, AT_REMOVEDIR);
}

/* True once an hour for one of all who ask: the file's creation is what nobody can do twice. */
static bool is_due(int spool_fd, time_t now)
{
	struct stat st;
	int fd;

	if (fstatat(spool_fd, EXPIRED_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (now - st.st_mtime < EXPIRE_EVERY_S)
			return false;
		unlinkat(spool_fd, EXPIRED_FILE, 0);
	}
	fd = openat(spool_fd, EXPIRED_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int spool_expire(int spool_fd, time_t now)
{
	struct aged_list l = { .spool_fd = spool_fd };
	int rc;

	if (!is_due(spool_fd, now))
		return 0;
	rc = spool_each_job(spool_fd, aged_add, &l);
	qsort(l.jobs, l.n, sizeof(*l.jobs), newest_first);
	for (size_t i = 0; i < l.n; i++)
		if (i >= SPOOL_JOBS || now - l.jobs[i].modified > SPOOL_AGE_S)
			job_remove(spool_fd, l.jobs[i].job);
	free(l.jobs);
	return rc;
}

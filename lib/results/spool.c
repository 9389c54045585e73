/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/job_dir.h"
#include "results/spool_file.h"
#include "results/spool_summary.h"

#define RECORD_SUFFIX ".json"

/* The clusters' names, one a line, for users: they may not list the spool. */
#define CLUSTERS_FILE ".clusters"
enum { CLUSTERS_TEXT = 64 * 1024 };

/* "[rRESTART.]STEP.NODE.json" */
static void record_name(const struct step_info *f, char name[FILE_NAME])
{
	char restart[16] = "", step[STEP_SIZE], node[NODE_SIZE];

	spool_file_name(step, sizeof(step), f->step);
	spool_file_name(node, sizeof(node), f->node);
	if (step_info_restart(f->restart))
		snprintf(restart, sizeof(restart), "r%u.", step_info_restart(f->restart));
	snprintf(name, FILE_NAME, "%s%s.%s" RECORD_SUFFIX, restart, step, node);
}

static bool is_record(const char *name)
{
	size_t n = strlen(name), suffix = strlen(RECORD_SUFFIX);

	return name[0] != '.' && n > suffix && !strcmp(name + n - suffix, RECORD_SUFFIX);
}

static int directories_make(const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s",
			slash ? (int)(slash - path) : (int)strlen(path), path);
		/* An NFS server may refuse to make what is there (EACCES, EROFS), so look first. */
		if (access(part, F_OK) && mkdir(part, slash ? 0755 : 0711) && errno != EEXIST)
			return -errno;
		if (!slash)
			return 0;
	}
}

int spool_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0 && errno == ENOENT) {
		rc = directories_make(path);
		if (rc)
			return rc;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

void spool_cluster_name(char name[CLUSTER_SIZE], const char *cluster)
{
	uint32_t job;

	spool_file_name(name, CLUSTER_SIZE, *cluster ? cluster : SPOOL_CLUSTER_UNKNOWN);
	/* A cluster whose name is a number would look like an old job. */
	if (job_dir_is_name(name, &job))
		*name = '_';
}

int spool_jobs_open(int spool_fd, const char *cluster)
{
	char name[CLUSTER_SIZE] = ".";
	int fd;

	if (cluster)
		spool_cluster_name(name, cluster);
	fd = openat(spool_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* A user may enter it but not list it. */
	if (fd < 0 && errno == EACCES)
		fd = openat(spool_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int cluster_announce(int spool_fd, const char *name)
{
	int fd = openat(spool_fd, CLUSTERS_FILE,
		O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
	int rc;

	if (fd < 0)
		return -errno;
	fchmod(fd, 0644);
	rc = dprintf(fd, "%s\n", name) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* The jobs directory of the step's cluster, made where it is missing. */
static int jobs_make(int spool_fd, const struct step_info *f)
{
	char name[CLUSTER_SIZE];
	int fd = spool_jobs_open(spool_fd, f->cluster), rc;

	if (fd != -ENOENT)
		return fd;
	spool_cluster_name(name, f->cluster);
	/* First the name, so that no cluster can be there without it. */
	rc = cluster_announce(spool_fd, name);
	if (rc)
		return rc;
	if (mkdirat(spool_fd, name, 0711) && errno != EEXIST)
		return -errno;
	return spool_jobs_open(spool_fd, f->cluster);
}

int spool_write(int spool_fd, const struct step_info *f, const json_t *record)
{
	char name[FILE_NAME];
	struct job_node node = { 0 };
	int jobs = jobs_make(spool_fd, f), dir, rc;

	if (jobs < 0)
		return jobs;
	dir = job_dir_make(jobs, f);
	close(jobs);
	if (dir < 0)
		return dir;
	record_name(f, name);
	rc = spool_file_write(dir, name, record, f->uid);
	/* Without the summary a step's end speaks for itself alone, and raypss publish for all. */
	if (rc == 0 && job_node_read(record, &node) == 0)
		spool_summary_update(dir, &node);
	job_node_clear(&node);
	close(dir);
	return rc;
}

int spool_job_of(int spool_fd, const struct step_info *f)
{
	int jobs = spool_jobs_open(spool_fd, f->cluster), dir;

	if (jobs < 0)
		return jobs;
	dir = job_dir_open(jobs, f->job);
	close(jobs);
	return dir;
}

int spool_sync(int spool_fd, const struct step_info *f)
{
	int dir = spool_job_of(spool_fd, f), fd, rc = 0;
	char name[FILE_NAME];

	if (dir < 0)
		return dir;
	record_name(f, name);
	fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fsync(fd) || fsync(dir))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	close(dir);
	return rc;
}

int spool_summary(int spool_fd, const struct step_info *f, struct job_summary *out)
{
	int dir = spool_job_of(spool_fd, f), rc;

	if (dir < 0)
		return dir;
	rc = spool_summary_read(dir, out);
	close(dir);
	return rc;
}

static bool is_cluster(int spool_fd, const char *name)
{
	struct stat st;
	uint32_t job;

	return *name && *name != '.' && !job_dir_is_name(name, &job) &&
		fstatat(spool_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Whether the line is one of those before it in text; nodes may have written the same at once. */
static bool was_before(const char *text, const char *line)
{
	for (; text < line; text += strlen(text) + 1)
		if (!strcmp(text, line))
			return true;
	return false;
}

/* From the file that users may read. */
static int each_cluster_announced(int spool_fd, void (*fn)(const char *, void *), void *arg)
{
	char *text = malloc(CLUSTERS_TEXT), *line, *rest = text;
	int fd = openat(spool_fd, CLUSTERS_FILE, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = text && fd >= 0 ? read(fd, text, CLUSTERS_TEXT - 1) : -1;
	int rc = n < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	if (n >= 0)
		text[n] = '\0';
	while (n > 0 && (line = strsep(&rest, "\n")))
		if (!was_before(text, line) && is_cluster(spool_fd, line))
			fn(line, arg);
	free(text);
	return rc;
}

int spool_each_cluster(int spool_fd, void (*fn)(const char *cluster, void *arg), void *arg)
{
	DIR *stream = spool_file_list(spool_fd);
	struct dirent *entry;

	if (!stream)
		return errno == EACCES ? each_cluster_announced(spool_fd, fn, arg) : -errno;
	while ((entry = readdir(stream)))
		if (is_cluster(spool_fd, entry->d_name))
			fn(entry->d_name, arg);
	closedir(stream);
	return 0;
}

int spool_each_job(int jobs_fd, void (*fn)(uint32_t job, void *arg), void *arg)
{
	DIR *stream = spool_file_list(jobs_fd);
	struct dirent *entry;
	uint32_t job;

	if (!stream)
		return -errno;
	while ((entry = readdir(stream)))
		if (job_dir_is_name(entry->d_name, &job))
			fn(job, arg);
	closedir(stream);
	return 0;
}

int spool_each_record(
	int jobs_fd, uint32_t job, void (*fn)(const json_t *record, void *arg), void *arg)
{
	int dir = job_dir_open(jobs_fd, job), n = 0;
	struct dirent *entry;
	DIR *stream;

	if (dir < 0)
		return dir;
	stream = spool_file_list(dir);
	if (!stream) {
		close(dir);
		return -EACCES;
	}
	while ((entry = readdir(stream))) {
		json_t *record =
			is_record(entry->d_name) ? spool_file_read(dir, entry->d_name) : NULL;

		if (!record)
			continue;
		fn(record, arg);
		json_decref(record);
		n++;
	}
	closedir(stream);
	close(dir);
	return n ? n : -ENOENT;
}

struct job_reading {
	struct job *job;
	int n;
};

/* What is not a record of this job, or is somebody's mistake, is passed over. */
static void record_add(const json_t *record, void *arg)
{
	struct job_reading *r = arg;

	if (job_add(r->job, record) == 0)
		r->n++;
}

int spool_read_job(int jobs_fd, struct job *job)
{
	struct job_reading r = { .job = job };
	int rc = spool_each_record(jobs_fd, job->number, record_add, &r);

	if (rc < 0)
		return rc;
	return r.n ? r.n : -ENOENT;
}

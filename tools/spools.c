/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/spools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "results/job_dir.h"
#include "results/spool.h"
#include "tools/site_spool.h"

int spools_add(struct spools *s, const char *path)
{
	if (s->n == SPOOLS_MAX) {
		fprintf(stderr, "raypss: --spool: more than %d\n", SPOOLS_MAX);
		return -E2BIG;
	}
	s->paths[s->n++] = path;
	return 0;
}

const char *spools_path(const struct spools *s, unsigned i)
{
	if (!s->n)
		return i == 0 ? site_spool() : NULL;
	return i < s->n ? s->paths[i] : NULL;
}

/* A user may enter a spool but not list it. A descriptor or -errno. */
static int open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Whether a cluster (NULL: the old layout) has a directory of the job. 0 or -errno. */
static int job_look_up(int spool_fd, const char *cluster, uint32_t job)
{
	int jobs = spool_jobs_open(spool_fd, cluster), dir;

	if (jobs < 0)
		return jobs;
	dir = job_dir_open(jobs, job);
	close(jobs);
	if (dir < 0)
		return dir;
	close(dir);
	return 0;
}

struct search {
	const char *command;
	uint32_t job;
	int spool_fd;
	char *cluster; /* the first that has it */
	bool ambiguous;
};

static void cluster_ask(const char *name, void *arg)
{
	struct search *s = arg;
	int rc = job_look_up(s->spool_fd, name, s->job);

	/* Somebody else's job is there, too, but is not meant by who may not read it. */
	if (rc || !strcmp(s->cluster, name))
		return;
	if (*s->cluster) {
		if (!s->ambiguous)
			fprintf(stderr,
				"raypss %s: there is a job %u of cluster %s and one of cluster %s: "
				"choose with --cluster\n",
				s->command, s->job, s->cluster, name);
		s->ambiguous = true;
		return;
	}
	snprintf(s->cluster, CLUSTER_SIZE, "%s", name);
}

int spools_find(
	const struct spools *s, const char *command, uint32_t job, char cluster[CLUSTER_SIZE])
{
	struct search search = { .command = command, .job = job, .cluster = cluster };
	const char *path;

	*cluster = '\0';
	if (s->cluster) {
		spool_cluster_name(cluster, s->cluster);
		return 0;
	}
	for (unsigned i = 0; (path = spools_path(s, i)); i++) {
		search.spool_fd = open_path(path);
		if (search.spool_fd < 0)
			continue;
		spool_each_cluster(search.spool_fd, cluster_ask, &search);
		close(search.spool_fd);
	}
	return search.ambiguous ? -EEXIST : 0;
}

/* The directory of a cluster's jobs in the i-th spool. A descriptor or -errno. */
static int jobs_open(const char *path, const char *cluster)
{
	int fd = open_path(path), jobs;

	if (fd < 0)
		return fd;
	jobs = spool_jobs_open(fd, *cluster ? cluster : NULL);
	close(fd);
	return jobs;
}

int spools_each_record(const struct spools *s, const char *cluster, uint32_t job,
	void (*fn)(const json_t *record, void *arg), void *arg)
{
	const char *path;
	int n = 0;

	for (unsigned i = 0; (path = spools_path(s, i)); i++) {
		int jobs = jobs_open(path, cluster);

		if (jobs < 0)
			continue;
		if (spool_each_record(jobs, job, fn, arg) > 0)
			n++;
		close(jobs);
	}
	return n ? 0 : -ENOENT;
}

int spools_read(const struct spools *s, const char *cluster, struct job *job)
{
	const char *path;

	for (unsigned i = 0; (path = spools_path(s, i)); i++) {
		int jobs = jobs_open(path, cluster);

		if (jobs < 0)
			continue;
		spool_read_job(jobs, job);
		close(jobs);
	}
	job_last_run(job);
	return job->n ? 0 : -ENOENT;
}

struct reason {
	int spool_fd;
	uint32_t job;
	int rc;
};

static void reason_ask(const char *cluster, void *arg)
{
	struct reason *r = arg;
	int rc = job_look_up(r->spool_fd, cluster, r->job);

	if (rc == -EACCES || (rc == 0 && r->rc == -ENOENT))
		r->rc = rc;
}

/*
 * Why a spool gives no record of the job: -ENOENT (it has none), -EACCES, 0 (the job has a directory,
 * but nothing in it is a whole record), or errno of the spool's opening.
 */
static int reason_of(const struct spools *s, const char *path, uint32_t job)
{
	struct reason r = { open_path(path), job, -ENOENT };

	if (r.spool_fd < 0)
		return -r.spool_fd;
	if (s->cluster)
		reason_ask(s->cluster, &r);
	else
		spool_each_cluster(r.spool_fd, reason_ask, &r);
	reason_ask(NULL, &r);
	close(r.spool_fd);
	return r.rc;
}

void spools_complain(const struct spools *s, const char *command, uint32_t job)
{
	const char *path;

	for (unsigned i = 0; (path = spools_path(s, i)); i++) {
		int rc = reason_of(s, path, job);

		if (rc == -ENOENT)
			fprintf(stderr, "raypss %s: no record of job %u%s%s in \"%s\"\n", command,
				job, s->cluster ? " of cluster " : "", s->cluster ? s->cluster : "",
				path);
		else if (rc == 0)
			fprintf(stderr,
				"raypss %s: job %u in \"%s\" has no record that can be read\n",
				command, job, path);
		else if (rc == -EACCES)
			fprintf(stderr,
				"raypss %s: job %u in \"%s\": permission denied: root and the "
				"job's user may read it\n",
				command, job, path);
		else
			fprintf(stderr, "raypss %s: cannot open \"%s\": %s\n", command, path,
				strerror(rc));
	}
}

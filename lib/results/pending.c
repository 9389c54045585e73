/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/spool.h"
#include "results/spool_file.h"
#include "results/step_info.h"

#define ROUND_FILE ".round"
#define RETRY_FILE ".retry"

/* The next round takes jobs again that changed so shortly before this round began. */
enum { ROUND_OVERLAP_S = 60 };

struct round {
	int jobs_fd;
	time_t since;
	uint32_t *retry; /* from the last round, in order */
	size_t retry_n;
	json_t *later; /* for the next round */
	pending_fn *fn;
	void *arg;
	bool stopped;
};

/* The mark of a round under way: those of two rounds at the same time have different names. */
static void mark_name(char name[32])
{
	snprintf(name, 32, ROUND_FILE ".%d", (int)getpid());
}

static int number_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int retry_read(struct round *r)
{
	json_t *list = spool_file_read(r->jobs_fd, RETRY_FILE), *job;
	size_t i;

	r->retry = calloc(json_array_size(list) + 1, sizeof(*r->retry));
	json_array_foreach (list, i, job)
		if (r->retry)
			r->retry[r->retry_n++] = (uint32_t)json_integer_value(job);
	json_decref(list);
	if (!r->retry)
		return -ENOMEM;
	qsort(r->retry, r->retry_n, sizeof(*r->retry), number_order);
	return 0;
}

static bool job_is_due(const struct round *r, uint32_t job)
{
	char name[16];
	struct stat st;

	if (job >= JOB_NOT_ALLOCATED)
		return false;
	snprintf(name, sizeof(name), "%u", job);
	return fstatat(r->jobs_fd, name, &st, AT_SYMLINK_NOFOLLOW) || st.st_mtime >= r->since ||
		bsearch(&job, r->retry, r->retry_n, sizeof(job), number_order);
}

static void job_take(uint32_t job, void *arg)
{
	struct round *r = arg;

	if (r->stopped || !job_is_due(r, job))
		return;
	switch (r->fn(job, r->arg)) {
	case PENDING_DONE:
		break;
	case PENDING_RETRY:
		json_array_append_new(r->later, json_integer(job));
		break;
	case PENDING_STOP:
		r->stopped = true;
		break;
	}
}

static int round_begin(struct round *r)
{
	struct stat st;
	char mark[32];
	int fd;

	if (fstatat(r->jobs_fd, ROUND_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0)
		r->since = st.st_mtime - ROUND_OVERLAP_S;
	mark_name(mark);
	fd = openat(r->jobs_fd, mark, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	r->later = json_array();
	return retry_read(r);
}

/* Write .retry first: with a new mark and no .retry the jobs for later would be lost. */
static int round_end(struct round *r)
{
	char mark[32];
	int rc = r->stopped ? -ECANCELED
			    : spool_file_write(r->jobs_fd, RETRY_FILE, r->later, geteuid());

	mark_name(mark);
	if (rc == 0 && renameat(r->jobs_fd, mark, r->jobs_fd, ROUND_FILE))
		rc = -errno;
	if (rc)
		unlinkat(r->jobs_fd, mark, 0);
	return rc;
}

int pending_round(int jobs_fd, pending_fn *fn, void *arg)
{
	struct round r = { .jobs_fd = jobs_fd, .fn = fn, .arg = arg };
	int rc = round_begin(&r);

	if (rc == 0)
		rc = spool_each_job(jobs_fd, job_take, &r);
	if (rc)
		r.stopped = true;
	rc = rc ? (round_end(&r), rc) : round_end(&r);
	json_decref(r.later);
	free(r.retry);
	return rc;
}

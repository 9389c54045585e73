/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/spool_totals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/units.h"
#include "results/job_dir.h"
#include "results/job_summary.h"
#include "results/spool.h"
#include "results/spool_summary.h"

struct reading {
	int spool_fd;
	int jobs_fd;
	uint64_t until_ns;
	struct job_summary *summary; /* too large for a stack */
	struct cluster_totals *cluster;
	struct spool_totals *out;
};

static void step_add(struct cluster_totals *c, const struct job_step *s)
{
	if ((unsigned)s->oom < VERDICTS)
		c->verdicts[s->oom]++;
	if (s->left != UNKNOWN)
		c->left += s->left;
}

static void job_add_up(uint32_t job, void *arg)
{
	struct reading *r = arg;
	struct job_steps steps = { 0 };
	int dir;

	if (monotonic_ns() >= r->until_ns) {
		r->out->complete = false;
		return;
	}
	r->cluster->jobs++;
	dir = job_dir_open(r->jobs_fd, job);
	if (dir < 0)
		return;
	if (spool_summary_read(dir, r->summary) == 0 &&
		job_summary_steps(r->summary, &steps) == 0) {
		r->cluster->steps += r->summary->steps_seen;
		for (size_t i = 0; i < steps.n; i++)
			step_add(r->cluster, &steps.steps[i]);
	}
	job_steps_clear(&steps);
	close(dir);
}

static void cluster_add_up(const char *name, void *arg)
{
	struct reading *r = arg;

	if (r->out->n == CLUSTERS_MOST) {
		r->out->complete = false;
		return;
	}
	r->jobs_fd = spool_jobs_open(r->spool_fd, name);
	if (r->jobs_fd < 0)
		return;
	r->cluster = &r->out->clusters[r->out->n++];
	spool_cluster_name(r->cluster->name, name);
	spool_each_job(r->jobs_fd, job_add_up, r);
	close(r->jobs_fd);
}

int spool_totals_read(const char *path, uint64_t budget_ns, struct spool_totals *out)
{
	struct reading r = { .until_ns = monotonic_ns() + budget_ns, .out = out };
	int rc;

	*out = (struct spool_totals){ .complete = true };
	r.spool_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.spool_fd < 0)
		return -errno;
	r.summary = malloc(sizeof(*r.summary));
	rc = r.summary ? spool_each_cluster(r.spool_fd, cluster_add_up, &r) : -ENOMEM;
	free(r.summary);
	close(r.spool_fd);
	return rc;
}

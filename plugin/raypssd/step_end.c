/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_end.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "plugin/raypssd/publish_rule.h"
#include "results/job_node.h"
#include "results/job_summary.h"
#include "results/publish_request.h"
#include "results/rate_limit.h"
#include "results/record.h"
#include "results/spool.h"

bool publishing_is_possible(const struct shm_block *block)
{
	return block->publish != PUBLISH_NONE;
}

/* This step as this node knows it. */
static struct job_step own_step(const struct step_info *info, const struct account *account)
{
	struct job_node node;

	job_node_of(info, account, &node);
	return job_step_of(&node);
}

/*
 * What the spool shows of the job, and this step at least. The job's summary in the spool has a
 * fixed size, so this takes as long for the first step as for the ten thousandth. The nodes of a
 * wide step are not all in the summary: raypss publish brings them together.
 */
static int steps_of(const struct step_info *info, const struct account *account,
	const struct job_summary *summary, struct job_steps *steps)
{
	struct job_step own = own_step(info, account), *have;
	int rc = 0;

	*steps = (struct job_steps){ 0 };
	if (summary)
		rc = job_summary_steps(summary, steps);
	if (rc == -ENOMEM)
		return rc;
	have = job_steps_find(steps, info->step);
	if (!have)
		return job_steps_append(steps, &own);
	/* The summary may lack what this node wrote last, where others had it locked. */
	if (have->nodes > 1)
		job_step_join(have, &own);
	else
		*have = own;
	return 0;
}

/* A step that no node of this spool encloses cannot leave its end to another one. */
static bool is_enclosed_here(const struct shm_block *block, const struct job_steps *steps)
{
	if (!block->in_enclosing)
		return false;
	for (size_t i = 0; i < steps->n; i++)
		if (step_info_is_enclosing(steps->steps[i].step))
			return true;
	return false;
}

static bool all_reported(const struct job_steps *steps, const char *name)
{
	const struct job_step *step = job_steps_find(steps, name);

	return step && step->reported >= step->nodes;
}

static bool rate_allows(const struct shm_block *block, const struct step_info *info, int spool_fd)
{
	int dir = spool_fd < 0 ? spool_fd : spool_job_of(spool_fd, info);
	bool granted =
		rate_limit_take(dir, block->in_enclosing ? PUBLISH_BURST_ENCLOSED : PUBLISH_BURST,
			PUBLISH_REFILL_S, time(NULL));

	if (dir >= 0)
		close(dir);
	return granted;
}

static int publisher_request(struct publisher_client *publisher, const struct shm_block *block,
	const struct step_info *info, const struct job_steps *steps)
{
	struct publish_request request = {
		.job = info->job,
		.restart = step_info_restart(info->restart),
		.field = (enum publish_field)block->publish,
		.delay_ms = publish_delay_ms(info->node_index),
		.steps = *steps,
	};

	snprintf(request.cluster, sizeof(request.cluster), "%s", info->cluster);
	return publisher_client_ask(publisher, &request);
}

static struct step_end end_of(const struct shm_block *block, const struct step_info *info,
	const struct account *account, const struct job_summary *summary,
	const struct job_steps *steps)
{
	return (struct step_end){
		.is_enclosing = step_info_is_enclosing(info->step),
		.in_enclosing = is_enclosed_here(block, steps),
		.node_index = info->node_index,
		.nodes = info->nodes,
		.alone = !summary || !job_summary_has_others(summary, info->step, info->node_index),
		.all_reported = all_reported(steps, info->step),
		.verdict = record_verdict(info, account),
		.elapsed_ns = account->last.at_ns - account->started_ns,
	};
}

int publishing_step_end(struct publisher_client *publisher, const struct shm_block *block,
	const struct step_info *info, const struct account *account, int spool_fd)
{
	enum publish_decision decision = PUBLISH_NOT;
	struct job_summary read, *summary = NULL;
	struct job_steps steps;
	int rc;

	if (spool_fd >= 0 && spool_summary(spool_fd, info, &read) == 0 &&
		read.restart == step_info_restart(info->restart))
		summary = &read;
	rc = steps_of(info, account, summary, &steps);
	if (rc == 0) {
		struct step_end end = end_of(block, info, account, summary, &steps);

		decision = publish_decide(&end);
		if (decision == PUBLISH_RATED && !rate_allows(block, info, spool_fd))
			decision = PUBLISH_NOT;
		if (decision != PUBLISH_NOT)
			rc = publisher_request(publisher, block, info, &steps);
	}
	job_steps_clear(&steps);
	if (rc || decision == PUBLISH_NOT)
		return rc;
	return publish_delay_ms(info->node_index) ? PUBLISHING_LATER : PUBLISHING_NOW;
}

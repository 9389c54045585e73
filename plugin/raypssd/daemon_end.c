/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/daemon_end.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "plugin/common/maxrss_rule.h"
#include "plugin/common/plugstack.h"
#include "plugin/raypssd/daemon_look.h"
#include "plugin/raypssd/lifetime.h"
#include "plugin/raypssd/reply.h"
#include "plugin/raypssd/step_end.h"
#include "results/publish_request.h"
#include "results/record.h"
#include "results/record_line.h"

/* How long raypssd may live once it has answered MESSAGE_FINISH. */
#define AFTERLIFE_NS (900 * NS_PER_MS)

/*
 * How long raypssd waits for the disk after that. Less than AFTERLIFE_NS: with a slow disk, too,
 * raypssd lives on to the retention, and the writer goes on with the record meanwhile.
 */
#define SYNC_WAIT_NS (400 * NS_PER_MS)

/* On up to so many nodes, each prints its line. On more, the first does, and nodes with a verdict. */
enum { TALKING_NODES = 4 };

/* Asks the publisher. Whether an answer will come. */
static bool publish(struct daemon *d)
{
	int rc = 0;

	if (publishing_is_possible(d->block))
		rc = record_writer_ask(&d->writer, RECORD_PUBLISH, RECORD_WAIT_NS);
	d->to_publish = rc != 0;
	if (rc > 0)
		d->publisher.waiting++;
	/* Nobody waits for a publisher that lets other nodes go first. */
	if (rc == PUBLISHING_LATER)
		d->unasked++;
	if (rc < 0)
		reply(MESSAGE_PUBLISHED,
			rc == -ETIMEDOUT ? "the spool did not answer; raypss publish does it later"
					 : "the publisher is gone; raypss publish does it later");
	return rc == PUBLISHING_NOW;
}

void daemon_end_kill(struct daemon *d)
{
	daemon_look_take(d, accountant_look);
	if (d->kill_told)
		return;
	/* Publish the first kill at once: the step may not survive. */
	d->kill_told = true;
	daemon_look_record(d);
	if (publishing_is_possible(d->block) &&
		record_writer_ask(&d->writer, RECORD_PUBLISH, RECORD_WAIT_NS) > 0) {
		d->publisher.waiting++;
		d->unasked++;
	}
}

/* Components of a het job have the leader's number in their environment, and one output. */
static bool is_component(const struct shm_block *block)
{
	char own[sizeof(block->env_job)];

	snprintf(own, sizeof(own), "SLURM_JOB_ID=%u", block->info.job);
	return *block->env_job && strcmp(block->env_job, own) != 0;
}

static void line_tell(const struct daemon *d)
{
	const struct step_info *info = &d->block->info;
	char line[MESSAGE_SIZE - 2];
	size_t n = 0;

	if (d->block->summary == SUMMARY_OFF)
		return;
	if (d->block->summary == SUMMARY_FLAGGED && !record_line_is_flagged(info, &d->account))
		return;
	if (info->nodes > TALKING_NODES && info->node_index != 0 &&
		record_verdict(info, &d->account) == VERDICT_NONE)
		return;
	if (info->nodes > 1 || d->block->in_enclosing || is_component(d->block))
		text_add(line, sizeof(line), &n, "step %u.%s%s%s: ", info->job, info->step,
			info->nodes > 1 ? " on " : "", info->nodes > 1 ? info->node : "");
	record_line(info, &d->account, line + n, sizeof(line) - n);
	reply(MESSAGE_LINE, line);
}

/* Slurm's PSS reads are part of the correction of MaxRSS. Slurm does not log what they cost. */
static void cost_tell(const struct daemon *d)
{
	double cost = maxrss_cost(d->account.rss_max, d->block->poll_s);
	char line[MESSAGE_SIZE - 2], rss[SIZE_TEXT];

	if (d->block->info.corrected != CORRECTED_PSS || cost < MAXRSS_COST_ADVICE)
		return;
	snprintf(line, sizeof(line),
		"Slurm's PSS reads of %s every %u s took about %.0f %% of a core and stalled the "
		"step meanwhile; maxrss=leave avoids them",
		size_format(d->account.rss_max, rss), d->block->poll_s, cost * 100);
	reply(MESSAGE_ADVICE, line);
}

static void complaint_tell(const struct daemon *d)
{
	char buf[MESSAGE_SIZE - 2];
	const char *complaint = notify_complaint(&d->notify, buf, sizeof(buf));

	if (complaint)
		reply(MESSAGE_LINE, complaint);
}

void daemon_end_tasks(struct daemon *d)
{
	daemon_look_take(d, accountant_end);
	/* First what needs no spool, which may take longer than slurmstepd waits. */
	line_tell(d);
	complaint_tell(d);
	cost_tell(d);
	daemon_look_record(d);
	if (*d->error.text)
		reply(MESSAGE_TROUBLE, d->error.text);
	if (!publish(d))
		reply(MESSAGE_PUBLISHED, "");
}

void daemon_end_step(struct daemon *d)
{
	daemon_look_take(d, accountant_end);
	daemon_end_record(d);
	/* Try once more while slurmstepd is there. The publisher goes on alone after that. */
	if (d->to_publish && !d->publisher.waiting)
		publish(d);
}

void daemon_end_record(struct daemon *d)
{
	unsigned stops = atomic_load(&d->block->stops);
	int rc;

	if (d->finished)
		return;
	if (stops)
		first_error_say(
			&d->error, "raypssd was stopped, and made to go on: %u times", stops);
	d->finished = true;
	d->block->info.lost = !d->block->info.ended;
	rc = daemon_look_record(d);
	/*
	 * A writer that is gone or stuck cannot be replaced by now. slurmstepd, which hears nothing,
	 * starts raypssd anew to write the record.
	 */
	if (rc == -EPIPE || rc == -ETIMEDOUT)
		_exit(EXIT_FAILURE);
	live_file_close(d->live);
	d->live = NULL;
	/* After its answer nobody watches raypssd any more, even if it was stopped by a signal. */
	lifetime_limit(AFTERLIFE_NS);
	reply(MESSAGE_FINISHED, d->error.text);
	/* slurmstepd waits no more, and a busy disk may take its time. */
	record_writer_ask(&d->writer, RECORD_SYNC, SYNC_WAIT_NS);
}

static void answer_pass_on(struct daemon *d, const char *answer)
{
	char line[MESSAGE_SIZE];

	if (d->unasked) {
		d->unasked--;
		return;
	}
	d->to_publish = *answer;
	if (publish_answer_is_refusal(answer))
		snprintf(line, sizeof(line), "not in sacct: %s", answer + strlen(PUBLISH_REFUSED));
	else if (*answer)
		snprintf(line, sizeof(line), "not in sacct yet: %s; raypss publish does it later",
			answer);
	else
		*line = '\0';
	reply(MESSAGE_PUBLISHED, line);
}

void daemon_end_published(struct daemon *d)
{
	unsigned waiting = d->publisher.waiting;
	char text[MESSAGE_SIZE - 64];
	int rc;

	/* One read may hold several answers. */
	while ((rc = publisher_client_answer(&d->publisher, text, sizeof(text))) == 0) {
		answer_pass_on(d, text);
		waiting -= waiting > 0;
	}
	/* The publisher is gone, and with it all answers. slurmstepd waits for one at most. */
	if (rc == -EPIPE && waiting > d->unasked) {
		d->unasked = 0;
		answer_pass_on(d, "slurmctld did not answer");
	}
}

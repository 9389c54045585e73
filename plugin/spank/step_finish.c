/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_finish.h"

#include <errno.h>
#include <slurm/spank.h>

#include "base/units.h"
#include "plugin/spank/step_refusal.h"

/* Writing the record takes milliseconds. It has this time however long publishing took. */
#define RECORD_NS (100 * NS_PER_MS)

/* raypssd sends one of each kind. A raypssd that was taken over could send lines for ever. */
enum { ANSWERS_MOST = 8 };

void step_finish_publish(struct raypssd_client *c, struct wait_budget *budget)
{
	/* A third of the time is left for the record. */
	uint64_t begin = monotonic_ns(), until = wait_budget_until(budget) - budget->total_ns / 3;
	char text[MESSAGE_SIZE];
	int answers = 0, rc;

	if (raypssd_client_ask(c, MESSAGE_PUBLISH))
		return; /* step_finish_record() logs why */
	while (answers < ANSWERS_MOST && (rc = raypssd_client_answer(c, until, text)) > 0) {
		answers++;
		if (rc == MESSAGE_ADVICE)
			slurm_info("ray_pss: %s", text);
		if (rc == MESSAGE_TROUBLE)
			step_refusal_keep("%s", text);
		if (rc == MESSAGE_LINE)
			slurm_spank_log("ray_pss: %s", text);
		if (rc != MESSAGE_PUBLISHED)
			continue;
		/* For the site alone: the user has the line, and can do nothing about it. */
		if (*text)
			slurm_info("ray_pss: %s", text);
		break;
	}
	step_refusal_tell();
	/* If raypssd does not answer at all, step_finish_record() logs that. */
	if (rc == -ETIMEDOUT && answers)
		slurm_info(
			"ray_pss: not in sacct yet: slurmctld or the spool did not answer in time; "
			"raypss publish does it later");
	wait_budget_spend(budget, begin);
}

void step_finish_watch(struct raypssd_client *c)
{
	/* Nobody waits for an answer: a raypssd that awakes right now writes its record alone. */
	if (raypssd_client_ask(c, MESSAGE_FINISH) == -EPIPE)
		slurm_error("ray_pss: raypss-dormant ended before the step: "
			    "nobody watched the step for Ray");
}

void step_finish_record(struct raypssd_client *c, struct wait_budget *budget)
{
	uint64_t begin = monotonic_ns(), until = wait_budget_until(budget);
	char text[MESSAGE_SIZE] = "";
	const char *what;
	int rc;

	if (until < begin + RECORD_NS)
		until = begin + RECORD_NS;
	rc = raypssd_client_ask(c, MESSAGE_FINISH);
	/* Answers to earlier requests may come first. */
	for (int i = 0; i < ANSWERS_MOST && (rc == 0 || (rc > 0 && rc != MESSAGE_FINISHED)); i++)
		rc = raypssd_client_answer(c, until, text);
	if (rc == MESSAGE_FINISHED) {
		if (*text)
			slurm_error("ray_pss: %s", text);
		raypssd_client_let_end(c);
		wait_budget_spend(budget, begin);
		return;
	}
	what = rc == -ETIMEDOUT || rc == -EAGAIN || rc > 0 ? "did not answer in time" : "is gone";
	raypssd_client_kill(c);
	rc = raypssd_client_finish_from_block(c, monotonic_ns() + RECORD_NS);
	slurm_error("ray_pss: raypssd %s; %s", what,
		rc == 0 ? "the record holds its last sample"
			: rc == -ETIMEDOUT
			? "the record with its last sample is still being written"
			: "no record could be written from its last sample");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_first.h"

#include <slurm/spank.h>

#include "base/units.h"

/* What raypssd may have to say before it answers; a raypssd that was taken over could go on for ever. */
enum { ANSWERS_MOST = 4 };

/* raypssd is ready within milliseconds. Most of the budget is left for the end of the step. */
enum { BUDGET_PART = 3 };

void step_first_sample(struct raypssd_client *c, struct wait_budget *budget)
{
	uint64_t begin = monotonic_ns(), until = begin + budget->total_ns / BUDGET_PART;
	char text[MESSAGE_SIZE];
	int rc = raypssd_client_ask(c, MESSAGE_BEGIN);

	if (until > wait_budget_until(budget))
		until = wait_budget_until(budget);
	for (int i = 0; i < ANSWERS_MOST && rc >= 0 && rc != MESSAGE_BEGUN; i++) {
		rc = raypssd_client_answer(c, until, text);
		if (rc == MESSAGE_ADVICE)
			slurm_info("ray_pss: %s", text);
	}
	/* A raypssd that is late or gone is told of at the end of the step. */
	wait_budget_spend(budget, begin);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step_plan.h"

#include <stdio.h>
#include <string.h>
#include <slurm/slurm.h>

#include "plugin/spank/slurm_conf.h"
#include "plugin/spank/step_environment.h"
#include "plugin/spank/step_exact.h"
#include "plugin/spank/step_query.h"

enum step_plan step_plan(spank_t sp, const struct site *site, const struct step_options *options)
{
	/* The extern step does no work of the job. */
	if (step_query_id(sp) == SLURM_EXTERN_CONT || site->mode == MODE_OFF ||
		options->accounting == TRISTATE_OFF)
		return PLAN_NOTHING;
	if (options->accounting == TRISTATE_ON || site->mode == MODE_ALWAYS)
		return PLAN_ACCOUNT;
	if (site->mode != MODE_AUTO)
		return PLAN_NOTHING;
	if (step_query_is_ray(sp))
		return PLAN_ACCOUNT;
	return site->watch ? PLAN_WATCH : PLAN_NOTHING;
}

enum corrected step_plan_maxrss_left(const struct slurm_settings *settings)
{
	return settings->uses_pss && settings->gather_linux ? CORRECTED_PSS : CORRECTED_NO;
}

enum corrected step_plan_maxrss(spank_t sp, const struct site *site,
	const struct step_options *options, const struct slurm_settings *settings, uint64_t limit,
	struct raypssd_client *c)
{
	enum maxrss_policy policy = options->maxrss != MAXRSS_AUTO ? options->maxrss : site->maxrss;
	char why[256];
	uint16_t cpus = 1;
	int rc;

	if (policy == MAXRSS_EXACT) {
		if (step_exact_take(sp, settings, c))
			return CORRECTED_EXACT;
		policy = MAXRSS_AUTO;
	}
	spank_get_item(sp, S_JOB_NCPUS, &cpus);
	if (maxrss_decide(policy, settings, limit, cpus, why, sizeof(why))) {
		rc = maxrss_correct();
		if (rc == 0)
			return CORRECTED_PSS;
		snprintf(why, sizeof(why), "MaxRSS is left as it is: %s", strerror(-rc));
	}
	if (*why)
		slurm_info("ray_pss: %s", why);
	return step_plan_maxrss_left(settings);
}

static enum summary_rule step_plan_summary(
	const struct site *site, const struct step_options *options)
{
	if (options->summary == TRISTATE_UNSET)
		return site->summary;
	return options->summary == TRISTATE_ON ? SUMMARY_ON : SUMMARY_OFF;
}

void step_plan_block(spank_t sp, const struct step_info *info, const struct site *site,
	const struct step_options *options, const struct slurm_settings *settings,
	struct shm_block *block)
{
	block->limit = step_query_limit(sp);
	block->interval_ns = site_interval(site, options->interval_ns);
	block->min_interval_ns = site->min_interval_ns;
	block->budget = site->budget;
	block->duty = site->duty;
	block->summary = step_plan_summary(site, options);
	block->publish = info->job < JOB_NOT_ALLOCATED ? site->publish : PUBLISH_NONE;
	block->poll_s = settings->poll_s;
	block->notify_signal = options->notify_signal;
	block->notify_part = options->notify_part;
	snprintf(block->spool, sizeof(block->spool), "%s", site->spool);
	if (settings->conf)
		snprintf(block->slurm_conf, sizeof(block->slurm_conf), "%s", settings->conf);
	block->in_enclosing = step_environment_is_enclosed(sp, info->job);
	step_environment_of_members(sp, info, block);
}

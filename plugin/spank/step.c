/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "config.h"
#include "base/units.h"
#include "base/unknown.h"
#include "plugin/common/paths.h"
#include "plugin/spank/limits_dir.h"
#include "plugin/spank/limits_mount.h"
#include "plugin/spank/raypssd_client.h"
#include "plugin/spank/step_environment.h"
#include "plugin/spank/step_exact.h"
#include "plugin/spank/step_finish.h"
#include "plugin/spank/step_first.h"
#include "plugin/spank/step_plan.h"
#include "plugin/spank/step_query.h"
#include "plugin/spank/step_refusal.h"
#include "plugin/spank/task_handle.h"
#include "plugin/spank/task_rss.h"
#include "plugin/spank/wait_budget.h"

#define LIMITS_REFUSED "limits: cannot show the step's limit in /sys/fs/cgroup: %s"

/*
 * With ContainSpank task_post_fork and task_exit run in a clone that shares this memory but has
 * descriptors of its own. So init_post_opt opens all descriptors, and only exit opens others.
 */
static struct {
	bool active;
	struct raypssd_client raypssd;
	struct step_info info; /* raypssd gets a copy, and slurmstepd never reads that copy */
	struct wait_budget budget;
	struct task_rss rss;
	uint32_t begun_tasks;
	uint32_t ended_tasks;
	bool limits; /* to be shown in /sys/fs/cgroup */
	bool limits_asked; /* by the user, who is told then why they cannot be shown */
	int limits_dir; /* 0: made, to be removed; -ENOTSUP: no limit; or why it was not made */
} step = { .raypssd = RAYPSSD_CLIENT_NONE };

/*
 * Fills in the block, and corrects MaxRSS, but not in a step that may never be accounted: that
 * cannot be decided later. Returns the step's limit.
 */
static uint64_t step_describe(spank_t sp, const struct site *site,
	const struct step_options *options, enum step_plan plan)
{
	struct slurm_settings settings = step_query_settings(sp);
	struct shm_block *block = step.raypssd.block;
	uint64_t limit = step_query_limit(sp);

	step_query_info(sp, &settings, &step.info);
	step.info.with_series = options->series;
	step.info.corrected = plan == PLAN_WATCH
		? step_plan_maxrss_left(&settings)
		: step_plan_maxrss(sp, site, options, &settings, limit, &step.raypssd);
	step_plan_block(sp, &step.info, site, options, &settings, block);
	block->info = step.info;
	return limit;
}

/* Makes the shared block. Whether that succeeded. */
static bool block_prepare(void)
{
	int rc = raypssd_client_prepare(&step.raypssd);

	if (rc == 0)
		return true;
	slurm_error("ray_pss: no accounting: cannot make the shared block: %s", strerror(-rc));
	step_refusal_keep("not accounted: no shared block: %s", strerror(-rc));
	return false;
}

static const char *start_error(int rc)
{
	if (rc == -EPROTO)
		return "it is of another build than ray_pss.so, version " PACKAGE_VERSION;
	return rc == -ECHILD ? "it could not fork, or a signal ended it" : strerror(-rc);
}

/* Before raypssd starts, which opens the files. */
static void limits_prepare(
	spank_t sp, const struct site *site, const struct step_options *options, uint64_t limit)
{
	step.limits_asked = options->limits == TRISTATE_ON;
	step.limits = options->limits == TRISTATE_UNSET ? site->limits : step.limits_asked;
	step.limits_dir = -ENOTSUP;
	if (!step.limits || limit == UNKNOWN)
		return;
	step_environment_ray(sp, limit);
	step.limits_dir = limits_dir_make(&step.info, limit);
}

static void limits_end(void)
{
	if (step.limits && !step.limits_dir)
		limits_dir_remove(&step.info);
}

/* Whether raypssd accounts the step from now on. */
static bool step_start(spank_t sp, const struct site *site, const struct step_options *options)
{
	uint64_t begin = monotonic_ns(), limit;
	int rc;

	if (!block_prepare())
		return false;
	limit = step_describe(sp, site, options, PLAN_ACCOUNT);
	step.budget.total_ns = site->deadline_ns;
	limits_prepare(sp, site, options, limit);
	rc = raypssd_client_start(&step.raypssd, wait_budget_until(&step.budget));
	wait_budget_spend(&step.budget, begin);
	if (rc) {
		slurm_error("ray_pss: no accounting: cannot start \"%s\": %s", RAYPSSD_PATH,
			start_error(rc));
		step_refusal_keep(
			"not accounted: raypssd cannot start on this node: %s", start_error(rc));
		step_exact_give_back(&step.raypssd);
		raypssd_client_close(&step.raypssd);
		limits_end();
		return false;
	}
	step_environment_set(sp, &step.info, limit);
	return true;
}

/* Whether raypss-dormant waits from now on for a raylet in the step. */
static bool step_watch(spank_t sp, const struct site *site, const struct step_options *options)
{
	uint64_t begin = monotonic_ns();
	int rc;

	if (!block_prepare())
		return false;
	step_describe(sp, site, options, PLAN_WATCH);
	step.budget.total_ns = site->deadline_ns;
	rc = raypssd_client_watch(&step.raypssd);
	wait_budget_spend(&step.budget, begin);
	if (rc == 0)
		return true;
	slurm_error(
		"ray_pss: no watch for Ray: cannot start \"%s\": %s", DORMANT_PATH, strerror(-rc));
	raypssd_client_close(&step.raypssd);
	return false;
}

void step_begin(spank_t sp, const struct site *site, const struct step_options *options)
{
	enum step_plan plan = step_plan(sp, site, options);

	if (plan == PLAN_NOTHING && site->mode == MODE_OFF && options->accounting == TRISTATE_ON)
		step_refusal_keep("not accounted: the site has switched that off");
	if (plan == PLAN_ACCOUNT)
		step.active = step_start(sp, site, options);
	if (!step.active)
		step_environment_clear(sp);
	if (plan == PLAN_WATCH)
		step.active = step_watch(sp, site, options);
}

void step_task_limits(spank_t sp)
{
	char dir[LIMITS_PATH];
	const char *why;
	int rc;

	(void)sp;
	if (!step.active || !step.limits)
		return;
	rc = limits_show(step.limits_dir ? NULL : limits_path(&step.info, dir));
	if (rc == 0)
		return;
	if (rc == -ENOTSUP)
		rc = step.limits_dir;
	why = rc == -ENOTSUP ? "the step has no memory limit" : strerror(-rc);
	if (step.limits_asked)
		slurm_spank_log("ray_pss: " LIMITS_REFUSED, why);
	else
		slurm_info("ray_pss: " LIMITS_REFUSED, why);
}

void step_task_init(spank_t sp)
{
	struct shm_block *block = step.raypssd.block;
	uint32_t restarts;

	if (!step.active)
		return;
	/* This is the task's process: only the block reaches raypssd from here. */
	restarts = step_query_restarts(sp);
	if (restarts > step.info.restart)
		block->info.restart = restarts;
	atomic_store(&block->task_ready, 1);
}

void step_task_begin(spank_t sp)
{
	struct shm_task task = { 0 };
	int local = 0;

	step_refusal_tell();
	if (!step.active || spank_get_item(sp, S_TASK_PID, &task.pid) != ESPANK_SUCCESS)
		return;
	spank_get_item(sp, S_TASK_ID, &local);
	task.local = (uint32_t)local;
	task.global = step_query_u32(sp, S_TASK_GLOBAL_ID, task.local);
	raypssd_client_add_task(&step.raypssd, task);
	task_handle_keep(sp);
	task_rss_begin(&step.rss);
	step.begun_tasks++;
	if (step.begun_tasks == step.info.tasks && !step.raypssd.dormant)
		step_first_sample(&step.raypssd, &step.budget);
}

/* Keeps the most informative end: a signal over an exit status, the largest status over 0. */
static void task_status(struct step_info *info, int status)
{
	if (WIFSIGNALED(status)) {
		/* SIGKILL is what a memory limit sends. */
		if (!info->signalled || WTERMSIG(status) == SIGKILL)
			info->status = WTERMSIG(status);
		info->signalled = true;
	} else if (!info->signalled && WEXITSTATUS(status) > info->status) {
		info->status = WEXITSTATUS(status);
	}
}

/* The end alone: the task's process may have set info.restart. */
static void end_tell(struct shm_block *block, const struct step_info *info)
{
	block->info.signalled = info->signalled;
	block->info.status = info->status;
	block->info.ended_s = info->ended_s;
	block->info.task_rss = info->task_rss;
	block->info.task_had_rss = info->task_had_rss;
	block->info.ended = info->ended;
}

/* All tasks of this node have ended. */
static void tasks_ended(void)
{
	step.info.ended_s = (int64_t)time(NULL);
	step.info.ended = true;
	end_tell(step.raypssd.block, &step.info);
	if (!raypssd_client_sleeps(&step.raypssd))
		step_finish_publish(&step.raypssd, &step.budget);
}

void step_task_end(spank_t sp)
{
	int status;

	if (!step.active)
		return;
	if (spank_get_item(sp, S_TASK_EXIT_STATUS, &status) == ESPANK_SUCCESS)
		task_status(&step.info, status);
	task_rss_end(&step.rss, &step.info);
	step.ended_tasks++;
	if (step.ended_tasks >= step.info.tasks)
		tasks_ended();
	else
		end_tell(step.raypssd.block, &step.info);
}

/* A required plugin that fails before us keeps task_exit from us. */
static void ends_find(struct step_info *info)
{
	uint32_t known = 0;
	int status;

	for (; known < info->tasks && task_handle_status(known, &status); known++)
		task_status(info, status);
	if (known < info->tasks && !info->signalled && !info->status)
		info->status = STATUS_UNTOLD;
}

void step_end(spank_t sp)
{
	(void)sp;
	if (!step.active)
		return;
	step_exact_give_back(&step.raypssd);
	/* With ContainSpank only this hook runs in the process whose children the tasks were. */
	task_rss_end(&step.rss, &step.info);
	if (!step.info.ended) {
		ends_find(&step.info);
		tasks_ended();
	}
	end_tell(step.raypssd.block, &step.info);
	if (raypssd_client_sleeps(&step.raypssd))
		step_finish_watch(&step.raypssd);
	else
		step_finish_record(&step.raypssd, &step.budget);
	raypssd_client_close(&step.raypssd);
	limits_end();
	step.active = false;
}

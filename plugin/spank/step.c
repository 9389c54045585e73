/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/step.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <slurm/slurm.h>

#include "base/units.h"
#include "measure/sample.h"
#include "plugin/common/paths.h"
#include "plugin/spank/limits_mount.h"
#include "plugin/spank/node_name.h"
#include "plugin/spank/raypssd_client.h"
#include "plugin/spank/slurm_conf.h"

/* Slurm's names for steps without a number; since 20.11 the same in all releases. */
static const struct {
	uint32_t id;
	const char *name;
} special_steps[] = {
	{ SLURM_BATCH_SCRIPT, "batch" },
	{ SLURM_EXTERN_CONT, "extern" },
	{ SLURM_INTERACTIVE_STEP, "interactive" },
};

/* Set for the steps inside an accounted batch or interactive step. */
#define OUTER_ENV "RAYPSS_OUTER_STEP"

/*
 * With ContainSpank task_post_fork and task_exit run in a clone that shares this memory but has
 * descriptors of its own: all are opened before, none later but in exit.
 */
static struct {
	bool active;
	struct accountant_process process;
	uint64_t deadline_ns;
	uint64_t waited_ns; /* of the deadline, by all hooks together */
	uint32_t local_tasks;
	uint32_t exited;
	bool summary;
	bool limits;
} step = { .process = { .block_fd = -1, .socket = -1 } };

static uint64_t until_ns(void)
{
	uint64_t left = step.deadline_ns > step.waited_ns ? step.deadline_ns - step.waited_ns : 0;

	return monotonic_ns() + left;
}

static void waited_since(uint64_t begin_ns)
{
	step.waited_ns += monotonic_ns() - begin_ns;
}

static uint32_t item_u32(spank_t sp, spank_item_t item, uint32_t otherwise)
{
	uint32_t value;

	return spank_get_item(sp, item, &value) == ESPANK_SUCCESS ? value : otherwise;
}

static void step_name(uint32_t id, char name[STEP_SIZE])
{
	for (size_t i = 0; i < sizeof(special_steps) / sizeof(*special_steps); i++) {
		if (special_steps[i].id == id) {
			snprintf(name, STEP_SIZE, "%s", special_steps[i].name);
			return;
		}
	}
	snprintf(name, STEP_SIZE, "%u", id);
}

/* The step's memory on this node, in MB for Slurm; 0 = no limit. */
static uint64_t limit_read(spank_t sp)
{
	uint64_t mb = 0;

	if (spank_get_item(sp, S_STEP_ALLOC_MEM, &mb) != ESPANK_SUCCESS || !mb)
		if (spank_get_item(sp, S_JOB_ALLOC_MEM, &mb) != ESPANK_SUCCESS)
			mb = 0;
	return mb ? mb * MIB : UNKNOWN;
}

/* Whether the step looks like Ray's: its command is ray, or its environment speaks of Ray. */
static bool is_ray(spank_t sp)
{
	char **argv = NULL, **env = NULL;
	int argc = 0;

	if (spank_get_item(sp, S_JOB_ARGV, &argc, &argv) == ESPANK_SUCCESS) {
		for (int i = 0; i < argc && argv[i]; i++) {
			const char *slash = strrchr(argv[i], '/');

			if (!strcmp(slash ? slash + 1 : argv[i], "ray"))
				return true;
		}
	}
	if (spank_get_item(sp, S_JOB_ENV, &env) == ESPANK_SUCCESS)
		for (; env && *env; env++)
			if (!strncmp(*env, "RAY_", 4))
				return true;
	return false;
}

static bool is_wanted(
	spank_t sp, const struct site *site, const struct step_options *options, uint32_t step_id)
{
	/* The extern step holds no work of the job's own. */
	if (step_id == SLURM_EXTERN_CONT || site->mode == MODE_OFF ||
		options->accounting == WISH_OFF)
		return false;
	return options->accounting == WISH_ON || site->mode == MODE_ALWAYS ||
		(site->mode == MODE_AUTO && is_ray(sp));
}

/*
 * SPANK says 0 in most releases, however often the job was restarted; the environment of a batch
 * step tells only once its task has it.
 */
static uint32_t restart_count(spank_t sp)
{
	uint32_t count = item_u32(sp, S_SLURM_RESTART_COUNT, 0), from_env = 0;
	char text[16];

	if (spank_getenv(sp, "SLURM_RESTART_COUNT", text, sizeof(text)) == ESPANK_SUCCESS)
		from_env = (uint32_t)strtoul(text, NULL, 10);
	return from_env > count ? from_env : count;
}

static void facts_fill(spank_t sp, struct step_info *f, uint32_t step_id)
{
	uid_t uid = 0;

	spank_get_item(sp, S_JOB_UID, &uid);
	f->in_slurm = true;
	f->job = item_u32(sp, S_JOB_ID, 0);
	f->restart = restart_count(sp);
	/* SPANK says 0 for the batch step, which is on one. */
	f->nodes = step_id == SLURM_BATCH_SCRIPT ? 1 : item_u32(sp, S_JOB_NNODES, 1);
	f->uid = uid;
	step_name(step_id, f->step);
	node_name(sp, step_id == SLURM_BATCH_SCRIPT ? "SLURM_JOB_NODELIST" : "SLURM_STEP_NODELIST",
		f->node);
}

static struct slurm_settings settings_read(spank_t sp)
{
	char *major = NULL, *minor = NULL, release[16], freq[64];
	bool own = spank_getenv(sp, "SLURM_ACCTG_FREQ", freq, sizeof(freq)) == ESPANK_SUCCESS;

	spank_get_item(sp, S_SLURM_VERSION_MAJOR, &major);
	spank_get_item(sp, S_SLURM_VERSION_MINOR, &minor);
	snprintf(release, sizeof(release), "%s.%s", major ? major : "", minor ? minor : "");
	return slurm_settings_read(release, own ? freq : NULL);
}

/* An auto without a reason to correct is only worth a line where a user could act on it. */
static bool maxrss_apply(spank_t sp, const struct site *site, const struct step_options *options,
	const struct slurm_settings *settings, uint64_t limit)
{
	enum maxrss_wish wish = options->maxrss != MAXRSS_AUTO ? options->maxrss : site->maxrss;
	char why[256];
	uint16_t cpus = 1;
	int rc;

	spank_get_item(sp, S_JOB_NCPUS, &cpus);
	if (maxrss_decide(wish, settings, limit, cpus, why, sizeof(why))) {
		rc = maxrss_correct();
		if (rc == 0)
			return true;
		snprintf(why, sizeof(why), "MaxRSS is left as it is: %s", strerror(-rc));
	}
	if (*why)
		slurm_info("ray_pss: %s", why);
	return settings->uses_pss && settings->gather_linux;
}

static void block_fill(spank_t sp, struct shm_block *block, const struct site *site,
	const struct step_options *options, const struct slurm_settings *settings)
{
	char text[32], host[NODE_SIZE];

	block->limit = limit_read(sp);
	block->interval_ns = options->interval_ns ? options->interval_ns : site->interval_ns;
	block->min_interval_ns = site->min_interval_ns;
	block->budget = site->budget;
	block->node_id = item_u32(sp, S_JOB_NODEID, 0);
	block->publish = site->publish;
	block->poll_s = settings->poll_s;
	block->in_outer = spank_getenv(sp, OUTER_ENV, text, sizeof(text)) == ESPANK_SUCCESS;
	block->notify_signal = options->notify_signal;
	block->notify_part = options->notify_part;
	block->facts.kill_on_limit = settings->kill_on_limit;
	block->facts.with_series = options->series;
	snprintf(block->spool, sizeof(block->spool), "%s", site->spool);
	if (settings->conf)
		snprintf(block->slurm_conf, sizeof(block->slurm_conf), "%s", settings->conf);
	/* Components of a het job carry the leader's id in their environment: take what is there. */
	if (spank_getenv(sp, "SLURM_JOB_ID", text, sizeof(text) - 16) == ESPANK_SUCCESS)
		snprintf(block->env_job, sizeof(block->env_job), "SLURM_JOB_ID=%.16s", text);
	else
		snprintf(block->env_job, sizeof(block->env_job), "SLURM_JOB_ID=%u",
			block->facts.job);
	if (strspn(block->facts.step, "0123456789"))
		snprintf(block->env_step, sizeof(block->env_step), "SLURM_STEP_ID=%.12s",
			block->facts.step);
	/* Where several slurmd share a host, only that tells the processes of their steps apart. */
	node_host_name(host);
	if (strcmp(block->facts.node, host) != 0)
		snprintf(block->env_node, sizeof(block->env_node), "SLURMD_NODENAME=%s",
			block->facts.node);
}

static void environment_set(spank_t sp, const struct shm_block *block)
{
	char text[PATH_MAX];

	if (block->limit != UNKNOWN) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)block->limit);
		spank_setenv(sp, "RAYPSS_MEMORY_LIMIT", text, 1);
	}
	state_path(&block->facts, text, sizeof(text));
	spank_setenv(sp, "RAYPSS_STATE", text, 1);
	/* Steps that the job starts from here leave their short and quiet ends to this one. */
	if (!strcmp(block->facts.step, "batch") || !strcmp(block->facts.step, "interactive"))
		spank_setenv(sp, OUTER_ENV, "1", 1);
}

void step_begin(spank_t sp, const struct site *site, const struct step_options *options)
{
	uint32_t step_id = item_u32(sp, S_JOB_STEPID, SLURM_EXTERN_CONT);
	struct slurm_settings settings;
	uint64_t begin = monotonic_ns();
	int rc;

	if (!is_wanted(sp, site, options, step_id))
		return;
	rc = accountant_process_prepare(&step.process);
	if (rc) {
		slurm_error(
			"ray_pss: no accounting: cannot make the shared block: %s", strerror(-rc));
		return;
	}
	settings = settings_read(sp);
	facts_fill(sp, &step.process.block->facts, step_id);
	block_fill(sp, step.process.block, site, options, &settings);
	step.process.block->facts.corrected =
		maxrss_apply(sp, site, options, &settings, step.process.block->limit);
	step.deadline_ns = site->deadline_ns;
	step.summary = options->summary != WISH_NONE ? options->summary == WISH_ON : site->summary;
	step.limits = options->limits;
	step.local_tasks = item_u32(sp, S_JOB_LOCAL_TASK_COUNT, 1);
	rc = accountant_process_start(&step.process, until_ns());
	waited_since(begin);
	if (rc) {
		slurm_error("ray_pss: no accounting: cannot start \"%s\": %s", RAYPSSD_PATH,
			strerror(-rc));
		accountant_process_close(&step.process);
		return;
	}
	environment_set(sp, step.process.block);
	step.active = true;
}

void step_task_limits(spank_t sp)
{
	int rc;

	(void)sp;
	if (!step.active || !step.limits)
		return;
	rc = limits_show();
	if (rc)
		slurm_error("ray_pss: limits: cannot show the step's limit in /sys/fs/cgroup: %s",
			rc == -ENOTSUP ? "no cgroup v2 of its own" : strerror(-rc));
}

void step_task_init(spank_t sp)
{
	struct shm_block *block = step.process.block;

	if (!step.active)
		return;
	if (restart_count(sp) > block->facts.restart)
		block->facts.restart = restart_count(sp);
	atomic_store(&block->task_ready, 1);
}

void step_task_begin(spank_t sp)
{
	pid_t pid;

	if (step.active && spank_get_item(sp, S_TASK_PID, &pid) == ESPANK_SUCCESS)
		accountant_process_add_task(&step.process, pid);
}

/* How the step ended: a signal tells more than a status, and the greatest status more than 0. */
static void task_status(struct step_info *f, int status)
{
	if (WIFSIGNALED(status)) {
		/* SIGKILL is what a memory limit sends. */
		if (!f->signalled || WTERMSIG(status) == SIGKILL)
			f->status = WTERMSIG(status);
		f->signalled = true;
	} else if (!f->signalled && WEXITSTATUS(status) > f->status) {
		f->status = WEXITSTATUS(status);
	}
}

static void publish_and_log(void)
{
	/* A third is left for the record, which exit waits for. */
	uint64_t begin = monotonic_ns(), until = until_ns() - step.deadline_ns / 3;
	char text[MESSAGE_SIZE];
	bool answers = false;
	int rc;

	if (accountant_process_ask(&step.process, MESSAGE_PUBLISH))
		return; /* exit says what became of it */
	while ((rc = accountant_process_answer(&step.process, until, text)) > 0) {
		answers = true;
		if (rc == MESSAGE_ADVICE)
			slurm_info("ray_pss: %s", text);
		if (rc == MESSAGE_LINE && step.summary)
			slurm_spank_log("ray_pss: %s", text);
		if (rc != MESSAGE_PUBLISHED)
			continue;
		if (*text)
			slurm_error("ray_pss: %s", text);
		break;
	}
	/* Of a raypssd that does not answer at all, exit tells. */
	if (rc == -ETIMEDOUT && answers)
		slurm_error("ray_pss: not in sacct yet: slurmctld did not answer in time; "
			    "raypss publish does it later");
	waited_since(begin);
}

void step_task_end(spank_t sp)
{
	struct step_info *f;
	int status;

	if (!step.active)
		return;
	f = &step.process.block->facts;
	if (spank_get_item(sp, S_TASK_EXIT_STATUS, &status) == ESPANK_SUCCESS)
		task_status(f, status);
	if (++step.exited < step.local_tasks)
		return;
	f->ended_s = (int64_t)time(NULL);
	f->ended = true;
	publish_and_log();
}

/* However long publishing took: writing the record is a matter of milliseconds. */
#define FINISH_NS (100 * NS_PER_MS)

/* raypssd wrote the record, or died, or does not answer: in the end there is a record. */
static void record_finish(void)
{
	uint64_t begin = monotonic_ns(), until = until_ns();
	char text[MESSAGE_SIZE] = "";
	const char *what;
	int rc;

	if (until < begin + FINISH_NS)
		until = begin + FINISH_NS;
	rc = accountant_process_ask(&step.process, MESSAGE_FINISH);
	while (rc == 0 || (rc > 0 && rc != MESSAGE_FINISHED))
		rc = accountant_process_answer(&step.process, until, text);
	if (rc > 0) {
		if (*text)
			slurm_error("ray_pss: %s", text);
		waited_since(begin);
		return;
	}
	what = rc == -ETIMEDOUT ? "did not answer in time" : "died";
	accountant_process_kill(&step.process);
	rc = accountant_process_finish_from_block(&step.process, monotonic_ns() + FINISH_NS);
	slurm_error("ray_pss: raypssd %s; %s", what,
		rc == 0 ? "the record holds its last look"
			: "no record could be written from its last look");
}

void step_end(spank_t sp)
{
	(void)sp;
	if (!step.active)
		return;
	record_finish();
	accountant_process_close(&step.process);
	step.active = false;
}

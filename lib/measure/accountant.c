/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/accountant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/cgroup/cgroup_source.h"
#include "measure/cgroup/victims.h"
#include "measure/pace.h"
#include "measure/procfs/processes.h"
#include "measure/procfs/tree_source.h"

struct accountant {
	int proc_fd;
	struct processes *processes;
	struct members *members;
	struct source *source;
	struct victims victims;
	bool kmsg_is_foreign;
	uint64_t limit; /* given: where the source has none */
	uint64_t peak; /* greatest footprint so far */

	struct pace pace;
	struct duty duty;
	uint64_t wanted_ns; /* when the pace wants the next look */
	uint64_t due_ns; /* when it comes: as wanted, but not before the duty allows it */
	uint64_t looked_ns;
	bool urgent; /* the next tick looks at the processes whatever that costs */
	bool whole; /* the next tick that the duty allows it looks at the processes */
	uint64_t totals_ns; /* the next look at the totals alone comes no earlier */
	uint64_t launch_gap_ns; /* between looks that wait for the tasks' programs; 0: none does */
	bool killed; /* a kill was reported */
	uint64_t pressed_ns; /* the watch last woke us */
	uint64_t pressed_gap_ns;

	struct look look;
};

const char *const accountant_places[] = { "/dev/shm", "/tmp", NULL };

int accountant_create(const struct accountant_options *options, struct accountant **out)
{
	struct accountant *a = calloc(1, sizeof(*a));
	uint64_t now = monotonic_ns();
	int rc = -ENOMEM;

	if (!a)
		return -ENOMEM;
	a->victims.kmsg = -1;
	a->proc_fd = open(options->proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->proc_fd < 0) {
		rc = -errno;
		goto fail;
	}
	a->processes = processes_create(a->proc_fd, options->sys_root, options->budget,
		options->members.uid, options->places);
	if (!a->processes)
		goto fail;
	if (options->reading && options->shunned)
		processes_watch(a->processes, options->reading, options->shunned);
	if (options->launcher)
		processes_launcher(a->processes, options->launcher);
	rc = members_create(
		a->proc_fd, processes_table(a->processes), &options->members, &a->members);
	if (rc)
		goto fail;
	rc = -ENOMEM;
	a->source = tree_source_create(a->processes, a->members, options->limit);
	if (!a->source)
		goto fail;
	/* Without the right to read the kernel log victims have no names; nothing else is lost. */
	if (options->kmsg)
		(void)victims_open(&a->victims, options->kmsg);
	a->kmsg_is_foreign = options->kmsg_is_foreign;
	a->limit = options->limit;
	a->wanted_ns = a->due_ns = now;
	pace_init(&a->pace, options->interval_ns, options->min_interval_ns);
	duty_init(&a->duty, options->duty, now);
	*out = a;
	return 0;
fail:
	accountant_destroy(a);
	return rc;
}

void accountant_destroy(struct accountant *a)
{
	if (!a)
		return;
	victims_close(&a->victims);
	if (a->source)
		a->source->functions->close(a->source);
	members_destroy(a->members);
	processes_destroy(a->processes);
	if (a->proc_fd >= 0)
		close(a->proc_fd);
	free(a);
}

static void due_at_once(struct accountant *a)
{
	a->wanted_ns = a->due_ns = monotonic_ns();
}

int accountant_add_task(struct accountant *a, pid_t pid, int32_t task)
{
	int rc = members_add(a->members, pid);
	int numbered = processes_add_task(a->processes, pid, task);

	/* Look at a new task at once: neither pace nor duty delays that look. */
	if (rc == 0) {
		due_at_once(a);
		a->urgent = true;
	}
	return rc ? rc : numbered;
}

int accountant_use_cgroup(struct accountant *a, const char *dir, const char *top, pid_t except)
{
	const struct cgroup_source_options options = { dir, top, except, a->limit };
	struct source *source;
	int rc = cgroup_source_open(a->proc_fd, a->processes, &options, &source);

	if (rc)
		return rc;
	a->source->functions->close(a->source);
	a->source = source;
	due_at_once(a);
	return 0;
}

int accountant_name_cgroup(struct accountant *a, const char *group, const char *job)
{
	return victims_name(&a->victims, group, job);
}

/*
 * Looks at the totals alone go on while looks at the processes are too dear. They take at most this
 * part of the duty, so that the rest pays for the processes.
 */
#define TOTALS_PART 0.5

static void totals_spend(struct accountant *a, uint64_t now_ns, uint64_t cost_ns)
{
	if (a->duty.part > 0)
		a->totals_ns = now_ns + (uint64_t)((double)cost_ns / (TOTALS_PART * a->duty.part));
}

/* The next look comes when the pace wants it, or later when the duty wants that. */
static void schedule(struct accountant *a, uint64_t wanted_ns)
{
	uint64_t earliest = duty_earliest_ns(&a->duty);

	if (a->source->has_totals && a->totals_ns < earliest)
		earliest = a->totals_ns;
	a->wanted_ns = wanted_ns;
	a->due_ns = wanted_ns > earliest ? wanted_ns : earliest;
}

static bool is_member(const void *context, pid_t pid)
{
	return accountant_has(context, pid);
}

static void victims_look(struct accountant *a)
{
	const struct victims_step step = {
		.counted = a->source->counts_kills,
		.at_limit = a->look.limit != UNKNOWN &&
			(double)a->peak >= LIMIT_NEAR_PART * (double)a->look.limit,
		.is_member = a->kmsg_is_foreign ? NULL : is_member,
		.members = a,
	};

	victims_take(&a->victims, &step, &a->look.kills);
}

static enum source_depth depth_now(const struct accountant *a, uint64_t now_ns)
{
	if (a->urgent)
		return DEPTH_WHOLE;
	if (a->source->has_totals && duty_earliest_ns(&a->duty) > now_ns)
		return DEPTH_TOTALS;
	return a->whole ? DEPTH_WHOLE : DEPTH_USUAL;
}

static void look_begin(struct accountant *a, uint64_t now_ns, enum source_depth depth)
{
	struct look *look = &a->look;
	uint64_t until = now_ns < a->due_ns ? now_ns : a->due_ns;

	if (depth == DEPTH_TOTALS)
		look->cost.duty_delay_ns += now_ns - a->looked_ns;
	else if (until > a->wanted_ns)
		look->cost.duty_delay_ns += until - a->wanted_ns;
	look->at_ns = now_ns;
	look->sample = sample_unknown(now_ns);
	look->limit = a->limit;
	look->bound = look->job_bound = look->stalled_some_us = look->stalled_full_us = UNKNOWN;
	look->numa_n = 0;
	look->left.bytes = UNKNOWN;
	look->cost.looks++;
}

/* What is spared depends on what the looks could read, so it must not pass for growth. */
static uint64_t resident_of(const struct sample *s)
{
	return sample_footprint(s) + (s->spared == UNKNOWN ? 0 : s->spared);
}

/*
 * A program may be short, so the first looks at tasks that have not executed theirs follow each other
 * soon, at ever longer times. When the shortest interval is reached the pace takes over.
 */
#define LAUNCH_GAP_NS NS_PER_MS

static uint64_t gap_next(struct accountant *a, uint64_t now)
{
	if (!processes_wait_for_programs(a->processes)) {
		a->launch_gap_ns = 0;
	} else {
		a->launch_gap_ns = a->launch_gap_ns ? 2 * a->launch_gap_ns : LAUNCH_GAP_NS;
		a->whole = true;
		if (a->launch_gap_ns < a->pace.min_interval_ns)
			return a->launch_gap_ns;
		a->launch_gap_ns = a->pace.min_interval_ns;
	}
	return pace_next(&a->pace, now, resident_of(&a->look.sample), a->look.limit);
}

static int look(struct accountant *a, uint64_t now, enum source_depth depth)
{
	uint64_t begin = thread_cpu_ns(), cost;
	uint64_t walked = processes_walk_ns(a->processes), footprint;
	struct look *look = &a->look;
	int rc;

	/* Before the members are read: a killed process is no member any more afterwards. */
	victims_look(a);
	look_begin(a, now, depth);
	rc = a->source->functions->sample(a->source, now, depth, look);
	if (depth == DEPTH_WHOLE)
		a->urgent = a->whole = false;
	processes_show(a->processes, look);
	footprint = sample_footprint(&look->sample);
	if (look->sample.processes && footprint > a->peak)
		a->peak = footprint;
	if (look->kills.count > look->kills.victims_n)
		victims_look(a);
	look->cost.scans = processes_walks(a->processes);
	look->cost.cpu_ns = program_cpu_ns();
	a->looked_ns = now;
	cost = thread_cpu_ns() - begin - (processes_walk_ns(a->processes) - walked);
	duty_spend(&a->duty, monotonic_ns(), cost);
	if (depth == DEPTH_TOTALS)
		totals_spend(a, now, cost);
	schedule(a, now + gap_next(a, now));
	/* A group that was removed has no members: the step is over. */
	return rc == -ENODEV ? 0 : rc;
}

int accountant_look(struct accountant *a, const struct look **out)
{
	*out = &a->look;
	return look(a, monotonic_ns(), DEPTH_WHOLE);
}

int accountant_end(struct accountant *a, const struct look **out)
{
	int rc = accountant_look(a, out);

	processes_left(a->processes, a->looked_ns, &a->look.left);
	return rc;
}

int accountant_tick(struct accountant *a, const struct look **out)
{
	uint64_t now = monotonic_ns();

	*out = &a->look;
	return look(a, now, depth_now(a, now));
}

void accountant_watch(const struct accountant *a, struct pollfd fds[ACCOUNTANT_WATCHED])
{
	a->source->functions->watch(a->source, fds);
}

/*
 * A step at its limit often reaches the limit many times a second. The first time is worth a look at
 * once, since a kill may follow. Further looks come ever later, up to the usual pace near a limit.
 */
static uint64_t pressed_gap(struct accountant *a, uint64_t now)
{
	uint64_t longest = a->pace.min_interval_ns;

	if (now - a->pressed_ns > a->pace.interval_ns)
		a->pressed_gap_ns = longest / 16;
	else if (a->pressed_gap_ns < longest)
		a->pressed_gap_ns =
			2 * a->pressed_gap_ns < longest ? 2 * a->pressed_gap_ns : longest;
	a->pressed_ns = now;
	return a->pressed_gap_ns;
}

bool accountant_woken(struct accountant *a, const struct pollfd fds[ACCOUNTANT_WATCHED])
{
	uint64_t now = monotonic_ns(), wanted;
	enum source_event event = a->source->functions->woken(a->source, now, fds);

	if (event == SOURCE_QUIET)
		return false;
	if (event == SOURCE_KILLED) {
		/* The first kill may be the end of the step; further ones keep to the duty. */
		if (!a->killed || duty_earliest_ns(&a->duty) <= now) {
			a->killed = true;
			return true;
		}
		a->whole = true;
		schedule(a, now);
		return false;
	}
	wanted = a->looked_ns + pressed_gap(a, now);
	if (wanted < a->wanted_ns)
		schedule(a, wanted);
	return false;
}

uint64_t accountant_due_ns(const struct accountant *a)
{
	return a->due_ns;
}

unsigned accountant_processes(const struct accountant *a)
{
	return process_count(processes_table(a->processes));
}

bool accountant_has(const struct accountant *a, pid_t pid)
{
	return process_find(processes_table(a->processes), pid);
}

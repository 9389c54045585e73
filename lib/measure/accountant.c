/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/accountant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "measure/cgroup/cgroup_members.h"
#include "measure/pace.h"
#include "measure/procfs/pagewalk.h"
#include "measure/procfs/procfs.h"

/* More than any sane step on one node; bounds our memory. */
enum { PROCESSES_MAX = 16384 };

/* Where the totals come from a control group, the processes are looked at this often. */
#define PROCESSES_INTERVAL_NS NS_PER_S

/* And at once where the footprint grew by this part of its peak since. */
#define GROWN 0.05

/* A limit may be changed while the step runs. */
#define LIMIT_INTERVAL_NS (5 * NS_PER_S)

struct accountant {
	struct account *account;
	int proc_fd;
	struct process_table *table;
	struct members *members;
	struct procfs *procfs;
	struct pagewalk *pagewalk;
	struct pace pace;
	uint64_t due_ns;
	uint64_t looked_ns;
	bool whole; /* the next tick looks at the processes: a task came */

	/* With a control group. */
	struct cgroup_members *listed;
	struct memcg *memcg;
	struct sample seen; /* the last look at the processes */
	uint64_t seen_peak; /* greatest footprint at such a look */
	uint64_t limit; /* given: where the group has none */
	uint64_t limit_ns; /* when the group's was read */
	uint64_t pressed_ns; /* the watch last woke us */
	uint64_t gap_ns;
};

int accountant_create(
	const struct accountant_options *options, struct account *account, struct accountant **out)
{
	struct accountant *a = calloc(1, sizeof(*a));
	int rc = -ENOMEM;

	if (!a)
		return -ENOMEM;
	a->account = account;
	a->proc_fd = open(options->proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->proc_fd < 0) {
		rc = -errno;
		goto fail;
	}
	a->table = process_table_create(PROCESSES_MAX);
	if (!a->table)
		goto fail;
	rc = members_create(a->proc_fd, a->table, &options->members, &a->members);
	if (rc)
		goto fail;
	rc = -ENOMEM;
	a->procfs = procfs_create(a->proc_fd, a->table);
	a->pagewalk = pagewalk_create(a->proc_fd, options->budget);
	if (!a->procfs || !a->pagewalk)
		goto fail;
	pace_init(&a->pace, options->interval_ns, options->min_interval_ns);
	a->due_ns = monotonic_ns();
	a->limit = options->limit;
	account_init(account, options->limit, a->due_ns);
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
	memcg_close(a->memcg);
	cgroup_members_close(a->listed);
	pagewalk_destroy(a->pagewalk);
	procfs_destroy(a->procfs);
	members_destroy(a->members);
	process_table_destroy(a->table);
	if (a->proc_fd >= 0)
		close(a->proc_fd);
	free(a);
}

int accountant_add_task(struct accountant *a, pid_t pid)
{
	int rc = members_add(a->members, pid);

	/* A new task is looked at soon, whatever the pace was. */
	if (rc == 0) {
		a->due_ns = monotonic_ns();
		a->whole = true;
	}
	return rc;
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Members, their figures, and the objects they share. */
static int processes_look(struct accountant *a, uint64_t now)
{
	int rc;

	procfs_read(a->procfs);
	rc = a->listed ? cgroup_members_update(a->listed) : members_discover(a->members, now);
	procfs_refresh(a->procfs, now);
	pagewalk_run(a->pagewalk, a->table, now);
	procfs_sample(a->procfs, now, &a->seen);
	a->whole = false;
	/* A group that was removed has no members: the step is over. */
	return rc == -ENODEV ? 0 : rc;
}

/* Whether a look at the group is to be one at its processes too. */
static bool processes_due(const struct accountant *a, uint64_t now, uint64_t footprint)
{
	const struct sample *peak = &a->account->peak;

	if (now - a->seen.at_ns >= PROCESSES_INTERVAL_NS || !a->seen.at_ns)
		return true;
	if (footprint > a->seen_peak &&
		(double)(footprint - a->seen_peak) > GROWN * (double)a->seen_peak)
		return true;
	return peak->processes_ns < peak->at_ns && account_is_near_peak(a->account, footprint);
}

/* What the kernel counted, which outlives the processes. A kill wakes us, so not at every tick. */
static void group_read(struct accountant *a, uint64_t now)
{
	struct pressure stalled;
	struct memcg_kills kills;
	bool killed;

	if (memcg_kills(a->memcg, &kills))
		return;
	killed = kills.kills > a->account->kills;
	a->account->kills = kills.kills;
	a->account->kill_scope = kills.scope;
	a->account->bound = memcg_bound(a->memcg);
	if (memcg_pressure(a->memcg, &stalled) == 0) {
		a->account->stalled_some_us = stalled.some_us;
		a->account->stalled_full_us = stalled.full_us;
	}
	if (killed || now - a->limit_ns >= LIMIT_INTERVAL_NS || !a->limit_ns) {
		uint64_t limit = memcg_limit(a->memcg);

		a->limit_ns = now;
		a->account->limit = limit != UNKNOWN ? limit : a->limit;
	}
}

/* Where the memory lies, if it is as much as at the peak. */
static void numa_read(struct accountant *a, uint64_t footprint)
{
	struct memcg_numa nodes[ACCOUNT_NUMA];
	int n;

	if (!account_is_near_peak(a->account, footprint))
		return;
	n = memcg_numa(a->memcg, nodes, ACCOUNT_NUMA);
	if (n < 0)
		return;
	a->account->numa_n = (uint32_t)n;
	memcpy(a->account->numa, nodes, sizeof(nodes));
}

/* 0 where *sample is a look at the step; -ENODEV where its group is gone. */
static int group_look(struct accountant *a, uint64_t now, bool whole, struct sample *sample)
{
	struct sample total;
	int rc;

	if (whole)
		group_read(a, now);
	rc = memcg_sample(a->memcg, &total);
	if (rc)
		return rc;
	if (whole || processes_due(a, now, sample_footprint(&total))) {
		if (!whole)
			group_read(a, now);
		numa_read(a, sample_footprint(&total));
		rc = processes_look(a, now);
		if (sample_footprint(&total) > a->seen_peak)
			a->seen_peak = sample_footprint(&total);
	}
	*sample = a->seen;
	sample->at_ns = now;
	sample->private = total.private;
	sample->shared = total.shared;
	sample->kernel = total.kernel;
	sample->file = total.file;
	sample->swap = total.swap;
	sample->charged = total.charged;
	return rc;
}

static int look(struct accountant *a, bool whole)
{
	uint64_t now = monotonic_ns();
	struct sample sample = { 0 };
	int rc;

	if (a->memcg) {
		rc = group_look(a, now, whole, &sample);
	} else {
		rc = processes_look(a, now);
		sample = a->seen;
	}
	/* A step without processes (before its first, after its last) is not a look at it. */
	if (sample.processes)
		account_add(a->account, &sample, a->table, procfs_objects(a->procfs));
	a->account->scans = pagewalk_reads(a->pagewalk);
	a->account->cpu_ns = cpu_ns();
	a->looked_ns = now;
	a->due_ns = now + pace_next(&a->pace, now, sample_footprint(&sample), a->account->limit);
	return rc == -ENODEV ? 0 : rc;
}

int accountant_look(struct accountant *a)
{
	return look(a, true);
}

int accountant_tick(struct accountant *a)
{
	return look(a, a->whole);
}

int accountant_use_cgroup(struct accountant *a, const char *dir, const char *top, pid_t except)
{
	struct cgroup_members *listed;
	struct memcg *memcg = NULL;
	int rc = cgroup_members_open(a->proc_fd, a->table, dir, except, &listed);

	if (rc)
		return rc;
	rc = memcg_open(dir, top, &memcg);
	if (rc && rc != -ENOTSUP) {
		cgroup_members_close(listed);
		return rc;
	}
	cgroup_members_close(a->listed);
	memcg_close(a->memcg);
	a->listed = listed;
	a->memcg = memcg;
	a->account->source = memcg ? SOURCE_CGROUP : SOURCE_PROCFS;
	a->limit_ns = 0;
	a->due_ns = monotonic_ns();
	return 0;
}

void accountant_watch(const struct accountant *a, struct pollfd fds[ACCOUNTANT_WATCHED])
{
	if (a->memcg)
		memcg_watch(a->memcg, fds);
	else
		for (unsigned i = 0; i < ACCOUNTANT_WATCHED; i++)
			fds[i] = (struct pollfd){ .fd = -1 };
}

/*
 * A limit that is reached is often reached many times a second. The first time is worth a look at
 * once, since a kill may follow; then they come ever later, up to the usual pace near a limit.
 */
static uint64_t pressed_gap(struct accountant *a, uint64_t now)
{
	uint64_t longest = a->pace.min_interval_ns;

	if (now - a->pressed_ns > a->pace.interval_ns)
		a->gap_ns = longest / 16;
	else if (a->gap_ns < longest)
		a->gap_ns = 2 * a->gap_ns < longest ? 2 * a->gap_ns : longest;
	a->pressed_ns = now;
	return a->gap_ns;
}

bool accountant_woken(struct accountant *a, const struct pollfd fds[ACCOUNTANT_WATCHED])
{
	uint64_t kills = a->account->kills, now, due;

	if (!a->memcg || !memcg_woken(a->memcg, fds))
		return false;
	now = monotonic_ns();
	group_read(a, now);
	if (a->account->kills > kills)
		return true;
	due = a->looked_ns + pressed_gap(a, now);
	if (due < a->due_ns)
		a->due_ns = due;
	return false;
}

uint64_t accountant_due_ns(const struct accountant *a)
{
	return a->due_ns;
}

unsigned accountant_processes(const struct accountant *a)
{
	return process_count(a->table);
}

bool accountant_has(const struct accountant *a, pid_t pid)
{
	return process_find(a->table, pid);
}

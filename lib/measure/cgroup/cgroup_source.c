/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/cgroup_source.h"

#include <errno.h>
#include <stdlib.h>

#include "base/units.h"
#include "measure/cgroup/cgroup_members.h"
#include "measure/cgroup/memcg.h"

/* How often the processes of a group with totals are read. */
#define PROCESSES_INTERVAL_NS NS_PER_S

/* The processes are read at once if the footprint grew by this part since. */
#define GROWN 0.05

/*
 * That and a peak that was not yet read whole are reasons only when so many times a look's CPU time has passed since the last
 * one. Otherwise a step that grows would use up the duty, and the processes at the peak would wait.
 */
enum { GROWTH_REST = 20 };

struct cgroup_source {
	struct source source;
	struct processes *processes;
	struct cgroup_members *members;
	uint64_t given_limit;

	/* Of a group with totals; memcg is NULL without. */
	struct memcg *memcg;
	struct sample seen; /* the last look at the processes */
	uint64_t seen_cost_ns; /* its CPU time */
	uint64_t seen_footprint; /* greatest footprint at a look at the processes */
	uint64_t peak; /* greatest footprint at any look with processes */
	bool peaked; /* peak is known */
	bool peak_unread; /* the processes were not read whole at the peak, nor near it since */
	struct memcg_kills kills;
	uint64_t bound;
	uint64_t job_bound;
	uint64_t limit;
	struct pressure stalled;
};

static int group_members(struct source *source, uint64_t now_ns)
{
	struct cgroup_source *s = (struct cgroup_source *)source;

	(void)now_ns;
	return cgroup_members_update(s->members);
}

/* Of a group without totals: the members come from the group, the sums from /proc. */
static int listed_sample(
	struct source *source, uint64_t now_ns, enum source_depth depth, struct look *look)
{
	struct cgroup_source *s = (struct cgroup_source *)source;
	int rc;

	(void)depth;
	look->source = SOURCE_PROCFS;
	look->limit = s->given_limit;
	rc = processes_look(s->processes, source, now_ns, &look->sample);
	look->bound = processes_bound(s->processes);
	return rc;
}

/* The kernel's counters, which outlive the processes. True where there was a kill since. */
static bool counters_read(struct cgroup_source *s)
{
	uint64_t before = s->kills.kills, limit;
	struct pressure stalled;
	bool killed;

	if (memcg_kills(s->memcg, &s->kills))
		return false;
	killed = s->kills.kills > before;
	s->bound = memcg_bound(s->memcg);
	s->job_bound = memcg_job_bound(s->memcg);
	if (memcg_pressure(s->memcg, &stalled) == 0)
		s->stalled = stalled;
	/* A limit may be changed while the step runs. */
	limit = memcg_limit(s->memcg);
	s->limit = limit != UNKNOWN ? limit : s->given_limit;
	return killed;
}

static void counters_show(const struct cgroup_source *s, struct look *look)
{
	look->source = SOURCE_CGROUP;
	look->kills.count = s->kills.kills;
	look->kills.scope = s->kills.scope;
	look->bound = s->bound;
	look->job_bound = s->job_bound;
	look->limit = s->limit;
	look->stalled_some_us = s->stalled.some_us;
	look->stalled_full_us = s->stalled.full_us;
}

/* Whether a look at the group has to be a look at the group's processes too. */
static bool processes_due(const struct cgroup_source *s, uint64_t now_ns, uint64_t footprint)
{
	if (now_ns - s->seen.at_ns >= PROCESSES_INTERVAL_NS || !s->seen.at_ns)
		return true;
	if (now_ns - s->seen.at_ns < GROWTH_REST * s->seen_cost_ns)
		return false;
	if (footprint > s->seen_footprint &&
		(double)(footprint - s->seen_footprint) > GROWN * (double)s->seen_footprint)
		return true;
	return s->peak_unread && sample_is_near_peak(footprint, s->peak);
}

/* Where the memory lies, if it is as much as at the peak. */
static void numa_read(const struct cgroup_source *s, uint64_t footprint, struct look *look)
{
	int n = -ENODATA;

	if (sample_is_near_peak(footprint, s->peak))
		n = memcg_numa(s->memcg, look->numa, LOOK_NUMA);
	look->numa_n = n > 0 ? (uint32_t)n : 0;
}

static void peak_note(struct cgroup_source *s, const struct sample *sample, bool read)
{
	uint64_t footprint = sample_footprint(sample);

	if (!sample->processes)
		return;
	if (!s->peaked || footprint > s->peak) {
		s->peaked = true;
		s->peak = footprint;
		s->peak_unread = !read;
	} else if (read && sample_is_near_peak(footprint, s->peak)) {
		s->peak_unread = false;
	}
}

/*
 * What the processes have locked, mapped and not yet dropped. The kernel does not say how much of
 * what cannot be evicted is page cache, and other steps' page cache is not charged to this one.
 */
static uint64_t locked_of(const struct sample *seen, const struct sample *total)
{
	uint64_t locked = seen->locked;

	if (locked > total->locked)
		locked = total->locked;
	return locked > total->file ? total->file : locked;
}

static int group_sample(
	struct source *source, uint64_t now_ns, enum source_depth depth, struct look *look)
{
	struct cgroup_source *s = (struct cgroup_source *)source;
	struct sample total = sample_unknown(now_ns);
	bool whole = depth == DEPTH_WHOLE;
	uint64_t footprint;
	int rc;

	if (whole)
		counters_read(s);
	counters_show(s, look);
	rc = memcg_sample(s->memcg, &total);
	if (rc)
		return rc;
	total.locked = locked_of(&s->seen, &total);
	footprint = sample_footprint(&total);
	if (depth == DEPTH_USUAL && processes_due(s, now_ns, footprint)) {
		counters_read(s);
		counters_show(s, look);
		whole = true;
	}
	if (whole) {
		uint64_t begin = thread_cpu_ns();

		numa_read(s, footprint, look);
		rc = processes_look(s->processes, source, now_ns, &s->seen);
		s->seen_cost_ns = thread_cpu_ns() - begin;
		if (footprint > s->seen_footprint)
			s->seen_footprint = footprint;
	}
	look->sample = s->seen;
	look->sample.at_ns = now_ns;
	look->sample.private = total.private;
	look->sample.spared = 0; /* the kernel leaves nothing out */
	look->sample.shared = total.shared;
	look->sample.kernel = total.kernel;
	look->sample.file = total.file;
	look->sample.swap = total.swap;
	if (total.hugetlb != UNKNOWN)
		look->sample.hugetlb = total.hugetlb;
	look->sample.hugetlb_limit = total.hugetlb_limit;
	look->sample.hugetlb_charged = total.hugetlb_charged;
	look->sample.locked = locked_of(&s->seen, &total);
	/* The group is charged with what no process holds, too. */
	look->sample.unheld = 0;
	look->sample.charged = total.charged;
	look->sample.unattributed = total.unattributed;
	peak_note(s, &look->sample, whole && processes_seen_whole(s->processes));
	return rc;
}

static void group_watch(const struct source *source, struct pollfd fds[SOURCE_WATCHED])
{
	const struct cgroup_source *s = (const struct cgroup_source *)source;

	memcg_watch(s->memcg, fds);
}

static enum source_event group_woken(
	struct source *source, uint64_t now_ns, const struct pollfd fds[SOURCE_WATCHED])
{
	struct cgroup_source *s = (struct cgroup_source *)source;

	if (!memcg_woken(s->memcg, fds))
		return SOURCE_QUIET;
	(void)now_ns; /* a kill or pressure is told at once */
	return counters_read(s) ? SOURCE_KILLED : SOURCE_PRESSED;
}

static void group_close(struct source *source)
{
	struct cgroup_source *s = (struct cgroup_source *)source;

	memcg_close(s->memcg);
	cgroup_members_close(s->members);
	free(s);
}

static const struct source_functions with_totals = { group_members, group_sample, group_watch,
	group_woken, group_close };
static const struct source_functions only_members = { group_members, listed_sample,
	source_watch_nothing, source_never_woken, group_close };

int cgroup_source_open(int proc_fd, struct processes *processes,
	const struct cgroup_source_options *options, struct source **out)
{
	struct cgroup_source *s = malloc(sizeof(*s));
	int rc;

	_Static_assert((int)SOURCE_WATCHED == (int)MEMCG_WATCHED, "what a group is polled for");
	if (!s)
		return -ENOMEM;
	*s = (struct cgroup_source){ .processes = processes,
		.given_limit = options->limit,
		.limit = options->limit,
		.bound = UNKNOWN,
		.job_bound = UNKNOWN,
		.stalled = { UNKNOWN, UNKNOWN } };
	rc = cgroup_members_open(
		proc_fd, processes_table(processes), options->dir, options->except, &s->members);
	if (rc == 0) {
		rc = memcg_open(options->dir, options->top, &s->memcg);
		if (rc == -ENOTSUP)
			rc = 0; /* no memory of v2 is accounted there: the group tells the members alone */
	}
	if (rc) {
		group_close(&s->source);
		return rc;
	}
	s->source.functions = s->memcg ? &with_totals : &only_members;
	s->source.counts_kills = s->source.has_totals = s->memcg;
	*out = &s->source;
	return 0;
}

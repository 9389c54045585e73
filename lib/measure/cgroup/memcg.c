/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/memcg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/cgroup/cgroup_file.h"
#include "measure/cgroup/cgroup_parse.h"
#include "measure/cgroup/hugetlb.h"

/* A job is two levels above a step's "user"; room for wrappers. */
enum { LEVELS_MAX = 8, TEXT_SIZE = 8192 };

/* Wake up when threads of the group were stalled for 100 ms within a second, psi.rst. */
static const char pressure_trigger[] = "some 100000 1000000";

struct level {
	int max;
	int current;
	int events; /* its own limit's alone; level 0: with those below it */
	uint64_t oom; /* OOM count already attributed to an earlier kill */
};

/* The files of a group's greatest use. */
struct peak {
	int memory;
	int swap;
};

struct memcg {
	int stat;
	int numa;
	int swap;
	struct peak peak;
	struct peak job_peak; /* of top */
	int pressure;
	bool triggered; /* pressure has a trigger, so poll() wakes */
	bool swapped;
	uint64_t slack; /* memory.current may be so much above memory.stat without a reason */
	bool removed;
	uint64_t oom_kill; /* counted at the last reading */
	struct memcg_kills kills;
	struct hugetlb hugetlb;
	unsigned levels_n;
	struct level levels[LEVELS_MAX];
};

/*
 * Each CPU has up to 64 pages charged in advance, and up to 64 pages that memory.stat does not show
 * yet: MEMCG_CHARGE_BATCH of the kernel.
 */
enum { PAGES_AHEAD = 2 * 64 };

static uint64_t slack_of_cpus(void)
{
	return PAGES_AHEAD * (uint64_t)sysconf(_SC_NPROCESSORS_CONF) *
		(uint64_t)sysconf(_SC_PAGESIZE);
}

static int events_read(int fd, struct memory_events *out)
{
	char buf[1024];
	ssize_t n;

	if (fd < 0)
		return -ENOENT;
	n = procfile_pread(fd, buf, sizeof(buf));
	return n < 0 ? (int)n : cgroup_events_parse(buf, (size_t)n, out);
}

static int stat_read(int fd, struct memory_stat *out)
{
	char buf[TEXT_SIZE];
	ssize_t n = procfile_pread(fd, buf, sizeof(buf));

	return n < 0 ? (int)n : cgroup_stat_parse(buf, (size_t)n, out);
}

/* The trigger needs CAP_SYS_RESOURCE before Linux 6.6; without it the figures can still be read. */
static void pressure_open(struct memcg *m, int dir)
{
	m->pressure = openat(dir, "memory.pressure", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	m->triggered = m->pressure >= 0 &&
		write(m->pressure, pressure_trigger, sizeof(pressure_trigger)) > 0;
	if (m->pressure < 0)
		m->pressure = cgroup_file_open(dir, "memory.pressure");
}

static void level_open(struct memcg *m, int dir)
{
	struct level *level = &m->levels[m->levels_n];
	struct memory_events events;

	level->max = cgroup_file_open(dir, "memory.max");
	level->current = cgroup_file_open(dir, "memory.current");
	level->events =
		cgroup_file_open(dir, m->levels_n ? "memory.events.local" : "memory.events");
	if (events_read(level->events, &events) == 0) {
		level->oom = events.oom;
		if (!m->levels_n)
			m->oom_kill = events.oom_kill;
	}
	m->levels_n++;
}

/* How many directories dir lies below top. */
static unsigned depth_below(const char *dir, const char *top)
{
	size_t n = top ? strlen(top) : strlen(dir);
	unsigned depth = 0;

	if (strncmp(dir, top ? top : dir, n))
		return 0;
	for (const char *p = dir + n; *p; p++)
		depth += p[0] == '/' && p[1] && p[1] != '/';
	return depth;
}

static struct peak peak_open(int dir)
{
	return (struct peak){ cgroup_file_open(dir, "memory.peak"),
		cgroup_file_open(dir, "memory.swap.peak") };
}

static void peak_close(struct peak *p)
{
	cgroup_file_close(&p->memory);
	cgroup_file_close(&p->swap);
}

static int files_open(struct memcg *m, int dir)
{
	struct memory_events events;
	struct memory_stat stat;
	int rc;

	m->stat = cgroup_file_open(dir, "memory.stat");
	if (m->stat < 0)
		return m->stat == -ENOENT ? -ENOTSUP : m->stat;
	rc = stat_read(m->stat, &stat);
	if (rc && rc != -EINVAL)
		return rc;
	/* The v1 file of that name has other words. */
	if (rc || stat.anon == UNKNOWN || stat.shmem == UNKNOWN)
		return -ENOTSUP;
	level_open(m, dir);
	if (events_read(m->levels[0].events, &events))
		return -ENOTSUP;
	m->numa = cgroup_file_open(dir, "memory.numa_stat");
	m->swap = cgroup_file_open(dir, "memory.swap.current");
	m->peak = peak_open(dir);
	pressure_open(m, dir);
	hugetlb_open(&m->hugetlb, dir);
	return 0;
}

int memcg_open(const char *dir, const char *top, struct memcg **out)
{
	struct memcg *m = calloc(1, sizeof(*m));
	int fd, rc;

	if (!m)
		return -ENOMEM;
	m->stat = m->numa = m->swap = m->pressure = -1;
	m->peak = m->job_peak = (struct peak){ -1, -1 };
	m->slack = slack_of_cpus();
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		free(m);
		return rc;
	}
	rc = files_open(m, fd);
	for (unsigned left = depth_below(dir, top); !rc && left && m->levels_n < LEVELS_MAX;
		left--) {
		int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (up < 0)
			break;
		close(fd);
		fd = up;
		level_open(m, fd);
		hugetlb_level(&m->hugetlb, fd);
	}
	if (rc == 0 && m->levels_n > 1)
		m->job_peak = peak_open(fd);
	close(fd);
	if (rc) {
		memcg_close(m);
		return rc;
	}
	*out = m;
	return 0;
}

void memcg_close(struct memcg *m)
{
	if (!m)
		return;
	cgroup_file_close(&m->stat);
	cgroup_file_close(&m->numa);
	cgroup_file_close(&m->swap);
	peak_close(&m->peak);
	peak_close(&m->job_peak);
	cgroup_file_close(&m->pressure);
	hugetlb_close(&m->hugetlb);
	for (unsigned i = 0; i < m->levels_n; i++) {
		cgroup_file_close(&m->levels[i].max);
		cgroup_file_close(&m->levels[i].current);
		cgroup_file_close(&m->levels[i].events);
	}
	free(m);
}

static uint64_t without(uint64_t whole, uint64_t part)
{
	if (whole == UNKNOWN || part == UNKNOWN)
		return whole;
	return whole > part ? whole - part : 0;
}

/* What is charged and has no name in memory.stat: pages that the kernel keeps pinned, for instance. */
static uint64_t unattributed(const struct memcg *m, uint64_t charged, uint64_t named)
{
	if (charged == UNKNOWN || named == UNKNOWN)
		return UNKNOWN;
	return charged > named + m->slack ? charged - named - m->slack : 0;
}

int memcg_sample(struct memcg *m, struct sample *out)
{
	struct memory_stat stat;
	uint64_t swap;
	int rc = stat_read(m->stat, &stat);

	if (rc == 0 && stat.anon == UNKNOWN)
		rc = -EINVAL;
	if (rc)
		return rc;
	if (cgroup_number_read(m->swap, &swap))
		swap = UNKNOWN;
	if (cgroup_number_read(m->levels[0].current, &out->charged))
		out->charged = UNKNOWN;
	out->unattributed = unattributed(m, out->charged, cgroup_stat_named(&stat));
	if (swap != UNKNOWN && swap)
		m->swapped = true;
	out->private = stat.anon;
	out->shared = stat.shmem;
	out->kernel = cgroup_stat_kernel(&stat);
	out->file = without(stat.file, stat.shmem);
	out->locked = stat.unevictable;
	hugetlb_read(&m->hugetlb, &out->hugetlb, &out->hugetlb_limit);
	if (stat.hugetlb != UNKNOWN) {
		out->hugetlb = stat.hugetlb;
		out->hugetlb_charged = 1;
	}
	/* A page read back keeps its place in swap for a while, and is charged for both. */
	out->swap = without(swap, cgroup_stat_twice(&stat));
	return 0;
}

int memcg_numa(const struct memcg *m, struct look_numa *out, unsigned max)
{
	char buf[TEXT_SIZE];
	ssize_t rc = m->numa < 0 ? m->numa : procfile_pread(m->numa, buf, sizeof(buf));
	int n = rc < 0 ? (int)rc : cgroup_numa_parse(buf, (size_t)rc, out, max);

	for (int i = 0; i < n; i++)
		out[i].file = without(out[i].file, out[i].shmem);
	return n;
}

int memcg_pressure(const struct memcg *m, struct pressure *out)
{
	char buf[256];
	ssize_t n = m->pressure < 0 ? -ENOENT : procfile_pread(m->pressure, buf, sizeof(buf));

	return n < 0 ? (int)n : pressure_parse(buf, (size_t)n, out);
}

uint64_t memcg_limit(const struct memcg *m)
{
	uint64_t limit = UNKNOWN, max;

	for (unsigned i = 0; i < m->levels_n; i++)
		if (cgroup_number_read(m->levels[i].max, &max) == 0 && max < limit)
			limit = max;
	return limit;
}

static uint64_t bound_of(const struct memcg *m, const struct peak *p)
{
	uint64_t peak, swap;

	if (cgroup_number_read(p->memory, &peak))
		return UNKNOWN;
	if (cgroup_number_read(p->swap, &swap) == 0)
		return peak + swap;
	return m->swapped ? UNKNOWN : peak;
}

uint64_t memcg_bound(const struct memcg *m)
{
	return bound_of(m, &m->peak);
}

uint64_t memcg_job_bound(const struct memcg *m)
{
	return bound_of(m, &m->job_peak);
}

/*
 * Often a job has one step and the same limit as the step. The job's limit is reached first, since
 * the step's helpers count there too. If the rest of the job left nearly the step's own limit free,
 * the step itself was too big.
 */
static bool is_own_doing(const struct memcg *m)
{
	const struct level *top = &m->levels[m->levels_n - 1], *below = top - 1;
	uint64_t limit, own = UNKNOWN, all, ours, max;

	for (unsigned i = 0; i + 1 < m->levels_n; i++)
		if (cgroup_number_read(m->levels[i].max, &max) == 0 && max < own)
			own = max;
	if (own == UNKNOWN || cgroup_number_read(top->max, &limit) || limit == UNKNOWN ||
		cgroup_number_read(top->current, &all) || cgroup_number_read(below->current, &ours))
		return false;
	/* Both were read after the kill, which changed the step alone. */
	return (double)without(limit, without(all, ours)) >= LIMIT_NEAR_PART * (double)own;
}

/* Whose limit a kill was for: that of the lowest level that ran out of memory since the last. */
static enum kill_scope scope_find(struct memcg *m)
{
	enum kill_scope scope = SCOPE_NODE;

	for (unsigned i = m->levels_n; i-- > 0;) {
		struct memory_events events;

		if (events_read(m->levels[i].events, &events) || events.oom == UNKNOWN)
			continue;
		if (events.oom > m->levels[i].oom)
			scope = i && i == m->levels_n - 1 && !is_own_doing(m) ? SCOPE_JOB
									      : SCOPE_STEP;
		m->levels[i].oom = events.oom;
	}
	return scope;
}

int memcg_kills(struct memcg *m, struct memcg_kills *out)
{
	struct memory_events events;
	int rc = events_read(m->levels[0].events, &events);

	if (rc) {
		m->removed |= rc == -ENODEV;
		return rc;
	}
	if (events.oom_kill != UNKNOWN && events.oom_kill > m->oom_kill) {
		m->kills.kills += events.oom_kill - m->oom_kill;
		m->oom_kill = events.oom_kill;
		m->kills.scope = scope_find(m);
	}
	*out = m->kills;
	return 0;
}

void memcg_watch(const struct memcg *m, struct pollfd fds[MEMCG_WATCHED])
{
	/* The files of a removed group are always ready. */
	fds[0] = (struct pollfd){ .fd = m->removed ? -1 : m->levels[0].events, .events = POLLPRI };
	fds[1] = (struct pollfd){ .fd = m->removed || !m->triggered ? -1 : m->pressure,
		.events = POLLPRI };
}

bool memcg_woken(struct memcg *m, const struct pollfd fds[MEMCG_WATCHED])
{
	/* memory.events raises POLLERR with each change, as all of kernfs; pressure when it ends. */
	if (fds[1].revents & (POLLERR | POLLNVAL))
		m->triggered = false;
	return fds[0].revents || fds[1].revents;
}

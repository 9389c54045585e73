/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "measure/procfs/pagewalk.h"

/* From this part of the peak on, a look with more of PSS read stands for it. */
#define NEAR_PEAK 0.98

void account_init(struct account *a, uint64_t limit, uint64_t now_ns)
{
	struct timespec now;

	memset(a, 0, sizeof(*a));
	clock_gettime(CLOCK_REALTIME, &now);
	a->started_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / (long)NS_PER_MS;
	a->started_ns = now_ns;
	/* Before the first look nothing is known: a step may end that soon. */
	a->last = (struct sample){ now_ns, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
		UNKNOWN, UNKNOWN, UNKNOWN, .processes = 0 };
	a->peak = a->last;
	a->limit = limit;
	a->bound = a->pss = a->uss = a->shr = UNKNOWN;
	a->stalled_some_us = a->stalled_full_us = UNKNOWN;
}

/* What text_clean makes, with its end. */
static bool name_is_sane(const char name[TITLE_SIZE])
{
	size_t n = strnlen(name, TITLE_SIZE);

	for (size_t i = 0; i < n; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return n < TITLE_SIZE;
}

static bool role_is_sane(int32_t role)
{
	return role >= ROLE_OTHER && role <= ROLE_ACTOR;
}

bool account_is_sane(const struct account *a)
{
	if (a->top_n > ACCOUNT_TOP || a->profiles_n > ACCOUNT_PROFILES ||
		a->objects_n > ACCOUNT_OBJECTS || a->victims_n > ACCOUNT_VICTIMS ||
		a->numa_n > ACCOUNT_NUMA || a->series.count > SERIES_POINTS)
		return false;
	for (uint32_t i = 0; i < a->top_n; i++)
		if (!name_is_sane(a->top[i].name) || !role_is_sane(a->top[i].role))
			return false;
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (!name_is_sane(a->profiles[i].name) || !role_is_sane(a->profiles[i].role))
			return false;
	for (uint32_t i = 0; i < a->victims_n; i++)
		if (!name_is_sane(a->victims[i].name))
			return false;
	return true;
}

/*
 * What a process counts for before scaling: its own memory, and of the shared memory a part by
 * what it mapped of it.
 */
static double own_of(const struct process *p)
{
	return (double)(p->private + p->status.pte + p->status.swap);
}

static double mapped_of(const struct process *p)
{
	return (double)p->status.rss_shmem;
}

struct shares {
	double own_scale;
	double mapped_scale;
	double even; /* of shared memory that nobody maps */
};

/* The factors that make the parts sum up to the footprint. */
static struct shares shares_of(const struct sample *s, const struct process_table *table)
{
	struct sample own = *s;
	double own_sum = 0, mapped_sum = 0, shared;
	struct shares f = { 0 };

	for (unsigned i = 0; i < process_count(table); i++) {
		own_sum += own_of(process_at(table, i));
		mapped_sum += mapped_of(process_at(table, i));
	}
	own.shared = 0;
	shared = s->shared == UNKNOWN ? 0 : (double)s->shared;
	if (own_sum > 0)
		f.own_scale = (double)sample_footprint(&own) / own_sum;
	if (mapped_sum > 0)
		f.mapped_scale = shared / mapped_sum;
	else if (process_count(table))
		f.even = shared / process_count(table);
	return f;
}

static uint64_t share_of(const struct process *p, const struct shares *f)
{
	return (uint64_t)(own_of(p) * f->own_scale + mapped_of(p) * f->mapped_scale + f->even);
}

static unsigned histogram_bucket(uint64_t value)
{
	/* As in distribution.c, from 64 KiB on, but 4 an octave. */
	double octaves = value > 64 * KIB ? log2((double)value / (double)(64 * KIB)) : 0;

	return octaves * 4 < HISTOGRAM_BUCKETS ? (unsigned)(octaves * 4) : HISTOGRAM_BUCKETS - 1;
}

uint64_t account_profile_quantile(const struct account_profile *p, double part)
{
	double below = 0, total = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += p->buckets[i];
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && total > 0; i++) {
		below += p->buckets[i];
		if (below >= part * total) {
			uint64_t value = (uint64_t)(64 * (double)KIB * exp2((i + 0.5) / 4));

			return value < p->peak ? value : p->peak;
		}
	}
	return 0;
}

/* The slot of a name; the last one takes all names for which there is no room. */
static int32_t profile_slot(struct account *a, const struct process *p)
{
	enum ray_role role = ray_role_of(p->title);
	struct account_profile *slot;
	char name[TITLE_SIZE];

	ray_task_name(p->title, name, sizeof(name));
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (a->profiles[i].role == (int32_t)role && !strcmp(a->profiles[i].name, name))
			return (int32_t)i;
	if (a->profiles_n == ACCOUNT_PROFILES)
		return ACCOUNT_PROFILES - 1;
	slot = &a->profiles[a->profiles_n];
	memset(slot, 0, sizeof(*slot));
	slot->role = (int32_t)role;
	strcpy(slot->name, a->profiles_n == ACCOUNT_PROFILES - 1 ? "(other names)" : name);
	return (int32_t)a->profiles_n++;
}

static void profiles_add(
	struct account *a, struct process_table *table, const struct shares *f, uint64_t weight_ms)
{
	for (uint32_t i = 0; i < a->profiles_n; i++)
		a->profiles[i].now = 0, a->profiles[i].share_now = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);
		struct account_profile *slot;

		if (!p->rss || !p->title[0])
			continue;
		/* The title is read at a lower rate than figures; its slot is looked up then. */
		if (p->profile < 0 || p->profile_ns != p->title_ns) {
			p->profile = profile_slot(a, p);
			p->profile_ns = p->title_ns;
		}
		slot = &a->profiles[p->profile];
		slot->now++;
		slot->share_now += share_of(p, f);
	}
	for (uint32_t i = 0; i < a->profiles_n; i++) {
		struct account_profile *slot = &a->profiles[i];
		uint32_t *bucket = &slot->buckets[histogram_bucket(slot->share_now)];

		if (!slot->now)
			continue;
		if (slot->now > slot->processes)
			slot->processes = slot->now;
		if (slot->share_now > slot->peak)
			slot->peak = slot->share_now;
		slot->weight += weight_ms;
		slot->sum += (double)slot->share_now * (double)weight_ms;
		if (__builtin_add_overflow(*bucket, weight_ms, bucket))
			*bucket = UINT32_MAX;
	}
}

static void top_insert(struct account *a, const struct process *p, uint64_t share, uint64_t sharing)
{
	uint32_t i = a->top_n < ACCOUNT_TOP ? a->top_n++ : ACCOUNT_TOP - 1;

	if (i == ACCOUNT_TOP - 1 && a->top[i].share >= share)
		return;
	for (; i > 0 && a->top[i - 1].share < share; i--)
		a->top[i] = a->top[i - 1];
	a->top[i].pid = p->pid;
	a->top[i].role = (int32_t)ray_role_of(p->title);
	a->top[i].share = share;
	a->top[i].pss = pagewalk_is_fresh(p, sharing) ? p->smaps.pss : UNKNOWN;
	a->top[i].rss = p->rss;
	memcpy(a->top[i].name, p->title, sizeof(p->title));
}

/* Who held the memory: taken at each new peak, and again near it when more was read. */
static void peak_processes(struct account *a, struct process_table *table, const struct shares *f)
{
	uint64_t sharing = pagewalk_sharing(table);

	a->top_n = 0;
	memset(a->top, 0, sizeof(a->top));
	for (unsigned i = 0; i < process_count(table); i++) {
		const struct process *p = process_at(table, i);

		uint64_t share = share_of(p, f);

		if (share)
			top_insert(a, p, share, sharing);
	}
}

static uint64_t objects_known(const struct account *a)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < a->objects_n; i++)
		sum += a->objects[i].bytes;
	return sum;
}

static void peak_objects(struct account *a, const struct objects *objects)
{
	unsigned n;
	const struct look_object *x = objects_rows(objects, &n);

	a->objects_n = 0;
	for (unsigned i = 0; i < n && a->objects_n < ACCOUNT_OBJECTS; i++)
		if (x[i].bytes)
			a->objects[a->objects_n++] = (struct account_object){ x[i].dev, x[i].ino,
				x[i].bytes, x[i].sysv };
}

struct reading {
	uint64_t pss, uss, shr, rss_read, rss, oldest_ns;
};

static struct reading reading_of(const struct process_table *table)
{
	struct reading r = { .oldest_ns = UNKNOWN };
	uint64_t sharing = pagewalk_sharing(table);

	for (unsigned i = 0; i < process_count(table); i++) {
		const struct process *p = process_at(table, i);

		r.rss += p->rss;
		if (!p->rss || !pagewalk_is_fresh(p, sharing))
			continue;
		r.pss += p->smaps.pss;
		r.uss += p->smaps.uss;
		r.shr += p->file_shmem;
		r.rss_read += p->rss;
		if (p->pss_ns < r.oldest_ns)
			r.oldest_ns = p->pss_ns;
	}
	return r;
}

/*
 * A look at a control group need not read every process. What they showed at the first look that
 * did stands for the peak, if it is still near.
 */
static bool peak_complete(struct account *a, const struct sample *s)
{
	struct sample *p = &a->peak;

	if (p->processes_ns >= p->at_ns || s->processes_ns != s->at_ns)
		return false;
	p->processes_ns = s->processes_ns;
	p->rss = s->rss;
	p->store = s->store;
	p->fallback = s->fallback;
	p->processes = s->processes;
	p->unreadable = s->unreadable;
	p->unmeasured = s->unmeasured;
	return true;
}

bool account_is_near_peak(const struct account *a, uint64_t footprint)
{
	return (double)footprint >= NEAR_PEAK * (double)sample_footprint(&a->peak);
}

/* True where more was read now than what the account has. */
static bool reading_take(struct account *a, const struct process_table *table, bool new_peak)
{
	struct reading r = reading_of(table);
	double part = r.rss ? (double)r.rss_read / (double)r.rss : 0;

	if (!new_peak && part <= a->pss_read)
		return false;
	a->pss_read = part;
	a->pss = r.rss_read ? r.pss : UNKNOWN;
	a->uss = r.rss_read ? r.uss : UNKNOWN;
	a->shr = r.rss_read ? r.shr : UNKNOWN;
	a->pss_at_ns = r.oldest_ns;
	return true;
}

void account_add(struct account *a, const struct sample *s, struct process_table *table,
	const struct objects *objects)
{
	uint64_t footprint = sample_footprint(s), peak = sample_footprint(&a->peak);
	uint64_t width = s->at_ns - a->last.at_ns;
	struct shares f = shares_of(s, table);
	bool new_peak = footprint > peak || !a->samples;
	bool near = new_peak || account_is_near_peak(a, footprint), seen;

	/* What was seen last held until now. */
	if (a->samples)
		distribution_add(&a->footprint, sample_footprint(&a->last), width);
	series_add(&a->series, s->at_ns - a->started_ns, footprint, s->rss);
	profiles_add(a, table, &f, (width + NS_PER_MS / 2) / NS_PER_MS);
	if (new_peak)
		a->peak = *s;
	if (s->rss != UNKNOWN && s->rss > a->rss_max)
		a->rss_max = s->rss;
	seen = new_peak || (near && peak_complete(a, s));
	/* What another step is charged with is mapped without a new peak: more of it counts, too. */
	if (seen || (near && objects_totals(objects).shared > objects_known(a)))
		peak_objects(a, objects);
	if (near && (reading_take(a, table, new_peak) || seen))
		peak_processes(a, table, &f);
	a->last = *s;
	a->samples++;
}

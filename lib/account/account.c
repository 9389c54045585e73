/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account.h"

#include <string.h>
#include <time.h>

#include "base/units.h"

void account_init(struct account *a, uint64_t limit, uint64_t now_ns)
{
	struct timespec now;

	memset(a, 0, sizeof(*a));
	clock_gettime(CLOCK_REALTIME, &now);
	a->started_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / (long)NS_PER_MS;
	a->started_ns = now_ns;
	/* A step may end before its first look. */
	a->last = a->peak = sample_unknown(now_ns);
	a->limit = a->tight_limit = limit;
	a->bound = a->job_bound = a->pss = a->uss = a->lazyfree = a->shr = a->pss_at_ns = UNKNOWN;
	a->merged = a->killed_ns = a->notified_ns = UNKNOWN;
	a->stalled_some_us = a->stalled_full_us = UNKNOWN;
	a->left.bytes = UNKNOWN;
	account_ray_init(&a->ray);
}

void account_resume(struct account *a)
{
	a->scans_before = a->scans;
	a->cpu_ns_before = a->cpu_ns;
	a->duty_delay_ns_before = a->duty_delay_ns;
	/* Each process table has a seed of its own for the hashes of titles. */
	memset(a->profile_cache, 0, sizeof(a->profile_cache));
}

/* Whether the name is text as text_clean makes it, with its end. */
static bool name_is_sane(const char *name, size_t size)
{
	size_t n = strnlen(name, size);

	for (size_t i = 0; i < n; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return n < size;
}

static bool role_is_sane(int32_t role)
{
	return role >= ROLE_OTHER && role <= ROLE_LAST;
}

/* Another byte than 0 or 1 in a bool has no defined meaning. */
static bool bool_is_sane(const bool *b)
{
	return *(const unsigned char *)b <= 1;
}

/* Whether sum / weight is a size: not so for NaN and what 64 bits cannot hold. */
static bool mean_is_sane(double sum, uint64_t weight)
{
	return !weight || (sum >= 0 && sum / (double)weight < 0x1p64);
}

static bool profile_is_sane(const struct account_profile *p)
{
	return name_is_sane(p->name, sizeof(p->name)) && role_is_sane(p->role) &&
		mean_is_sane(p->private.sum, p->private.weight) &&
		mean_is_sane(p->together.sum, p->together.weight);
}

bool account_is_sane(const struct account *a)
{
	if (a->top_n > ACCOUNT_TOP || a->profiles_n > ACCOUNT_PROFILES ||
		a->objects_n > ACCOUNT_OBJECTS || a->victims_n > ACCOUNT_VICTIMS ||
		a->numa_n > ACCOUNT_NUMA || a->left.greatest_n > LOOK_LEFT ||
		a->series.count > SERIES_POINTS ||
		!mean_is_sane(a->footprint.sum, a->footprint.weight))
		return false;
	for (uint32_t i = 0; i < a->top_n; i++)
		if (!name_is_sane(a->top[i].name, sizeof(a->top[i].name)) ||
			!role_is_sane(a->top[i].role))
			return false;
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (!profile_is_sane(&a->profiles[i]))
			return false;
	if (!profile_is_sane(&a->other_names) || !account_ray_is_sane(&a->ray))
		return false;
	for (uint32_t i = 0; i < a->objects_n; i++)
		if (!bool_is_sane(&a->objects[i].sysv) || !bool_is_sane(&a->objects[i].store) ||
			!bool_is_sane(&a->objects[i].fallback))
			return false;
	for (uint32_t i = 0; i < a->victims_n; i++)
		if (!name_is_sane(a->victims[i].name, sizeof(a->victims[i].name)))
			return false;
	for (uint32_t i = 0; i < a->left.greatest_n; i++)
		if (!name_is_sane(a->left.greatest[i].name, sizeof(a->left.greatest[i].name)) ||
			a->left.greatest[i].kind > LEFT_SYSV)
			return false;
	return true;
}

/* What is known of a step without its processes, and after their end. */
static void counters_add(struct account *a, const struct look *look)
{
	a->source = (int32_t)look->source;
	a->limit = look->limit;
	a->bound = look->bound;
	a->job_bound = look->job_bound;
	/* Without a group's counter a new accountant knows nothing of earlier kills. */
	if (look->kills.count >= a->kills) {
		if (look->kills.count && a->killed_ns == UNKNOWN)
			a->killed_ns = look->sample.at_ns - a->started_ns;
		a->kills = look->kills.count;
		a->kill_scope = look->kills.scope;
	}
	if (look->kills.victims_n >= a->victims_n) {
		a->victims_n = look->kills.victims_n;
		memcpy(a->victims, look->kills.victims, sizeof(a->victims));
	}
	if (look->numa_n) {
		a->numa_n = look->numa_n;
		memcpy(a->numa, look->numa, sizeof(a->numa));
	}
	a->stalled_some_us = look->stalled_some_us;
	a->stalled_full_us = look->stalled_full_us;
	a->scans = a->scans_before + look->cost.scans;
	a->cpu_ns = a->cpu_ns_before + look->cost.cpu_ns;
	a->duty_delay_ns = a->duty_delay_ns_before + look->cost.duty_delay_ns;
	if (look->left.bytes != UNKNOWN)
		a->left = look->left;
}

static void at_least(uint64_t *most, uint64_t value)
{
	if (value > *most)
		*most = value;
}

/* What one look could not see, the next one may have seen: the best look near the peak counts. */
static void left_out_near_peak(uint64_t *count, uint64_t now, bool peak)
{
	if (peak || now < *count)
		*count = now;
}

/* A full table hides memory at all later looks, too, so the greatest count stays. */
static void left_out_add(struct account *a, const struct look *look)
{
	const struct look_left_out *now = &look->left_out;
	bool peak = a->peak.at_ns == look->sample.at_ns;

	at_least(&a->left_out.processes, now->processes);
	at_least(&a->left_out.objects, now->objects);
	at_least(&a->left_out.files, now->files);
	if (!sample_is_near_peak(sample_footprint(&look->sample), sample_footprint(&a->peak))) {
		/* What nobody could measure may have been more than the peak. */
		at_least(&a->left_out.scans, look->sample.unmeasured);
		return;
	}
	left_out_near_peak(&a->left_out.scans, now->scans, peak);
	left_out_near_peak(&a->left_out.devices, now->devices, peak);
	left_out_near_peak(&a->left_out.places, now->places, peak);
	left_out_near_peak(&a->left_out.descriptors, now->descriptors, peak);
}

bool account_is_complete(const struct account *a)
{
	const struct look_left_out *l = &a->left_out;

	return !(l->processes || l->objects || l->files || l->scans || l->devices || l->places ||
		l->descriptors);
}

static void limit_add(struct account *a, const struct look *look)
{
	uint64_t footprint = sample_footprint(&look->sample), file = look->sample.file;

	if (file != UNKNOWN && footprint + file > a->with_file_max)
		a->with_file_max = footprint + file;
	if (look->limit == UNKNOWN)
		return;
	if (a->tight_limit != UNKNOWN && a->tight_footprint &&
		(double)footprint * (double)a->tight_limit <
			(double)a->tight_footprint * (double)look->limit)
		return;
	a->tight_limit = look->limit;
	a->tight_footprint = footprint;
}

/* A process that is ending has given its memory back, and stays for a moment. That tells nothing of the step. */
static bool saw_memory(const struct sample *s)
{
	return s->processes && sample_footprint(s) > 0;
}

void account_add(struct account *a, const struct look *look)
{
	const struct sample *s = &look->sample;
	uint64_t width = s->at_ns - a->last.at_ns;

	counters_add(a, look);
	if (!saw_memory(s))
		return;
	/* The last look's footprint held until now. */
	if (a->samples)
		distribution_add(&a->footprint, sample_footprint(&a->last), width);
	series_add(&a->series, s->at_ns - a->started_ns, s);
	account_profile_add(a, look, (width + NS_PER_MS / 2) / NS_PER_MS);
	if (s->rss != UNKNOWN && s->rss > a->rss_max)
		a->rss_max = s->rss;
	if (s->merged != UNKNOWN && (a->merged == UNKNOWN || s->merged > a->merged))
		a->merged = s->merged;
	limit_add(a, look);
	account_ray_add(&a->ray, look, s->at_ns - a->started_ns);
	account_peak_add(a, look);
	left_out_add(a, look);
	a->last = *s;
	a->samples++;
}

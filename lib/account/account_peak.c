/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account_peak.h"

#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "base/units.h"

static void top_insert(struct account *a, const struct look_process *p)
{
	uint32_t i = a->top_n < ACCOUNT_TOP ? a->top_n++ : ACCOUNT_TOP - 1;

	if (i == ACCOUNT_TOP - 1 && a->top[i].share >= p->share)
		return;
	for (; i > 0 && a->top[i - 1].share < p->share; i--)
		a->top[i] = a->top[i - 1];
	a->top[i].pid = p->pid;
	a->top[i].role = (int32_t)p->role;
	a->top[i].share = p->share;
	a->top[i].pss = p->pss;
	a->top[i].rss = p->rss;
	memcpy(a->top[i].name, p->title, sizeof(p->title));
}

static void rest_insert(struct account *a, const char *what, uint64_t bytes)
{
	struct look_process p = { .share = bytes, .pss = UNKNOWN, .rss = UNKNOWN };

	/* Less is the noise of figures that were read one after another. */
	if (bytes < MIB)
		return;
	snprintf(p.title, sizeof(p.title), "%s", what);
	top_insert(a, &p);
}

static void top_take(struct account *a, const struct look *look)
{
	a->top_n = 0;
	memset(a->top, 0, sizeof(a->top));
	for (unsigned i = 0; i < look->processes_n; i++)
		if (look->processes[i].share)
			top_insert(a, &look->processes[i]);
	rest_insert(a, "(shared memory that no process maps)", look->rest.unmapped);
	rest_insert(a, "(other memory of no process)", look->rest.other);
}

static uint64_t bytes_of(const struct look_object *objects, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += objects[i].bytes;
	return sum;
}

static void objects_take(struct account *a, const struct look *look)
{
	a->objects_n = 0;
	for (unsigned i = 0; i < look->objects_n && a->objects_n < ACCOUNT_OBJECTS; i++)
		if (look->objects[i].bytes)
			a->objects[a->objects_n++] = look->objects[i];
}

struct reading {
	uint64_t pss, uss, lazyfree, shr, rss_read, rss, oldest_ns;
};

static struct reading reading_of(const struct look *look)
{
	struct reading r = { .oldest_ns = UNKNOWN };

	for (unsigned i = 0; i < look->processes_n; i++) {
		const struct look_process *p = &look->processes[i];

		r.rss += p->rss;
		if (!p->rss || p->pss == UNKNOWN)
			continue;
		r.pss += p->pss;
		r.uss += p->uss;
		r.lazyfree += p->lazyfree;
		r.shr += p->file_shmem;
		r.rss_read += p->rss;
		if (p->pss_at_ns < r.oldest_ns)
			r.oldest_ns = p->pss_at_ns;
	}
	return r;
}

/* True where more PSS was read than the account has. */
static bool reading_take(struct account *a, const struct look *look, bool new_peak)
{
	struct reading r = reading_of(look);
	double part = r.rss ? (double)r.rss_read / (double)r.rss : 0;

	if (!new_peak && part <= a->pss_read)
		return false;
	a->pss_read = part;
	a->pss = r.rss_read ? r.pss : UNKNOWN;
	a->uss = r.rss_read ? r.uss : UNKNOWN;
	a->lazyfree = r.rss_read ? r.lazyfree : UNKNOWN;
	a->shr = r.rss_read ? r.shr : UNKNOWN;
	a->pss_at_ns = r.oldest_ns;
	return true;
}

/*
 * A look at a control group need not read every process. The first look near the peak that reads
 * them completes the peak.
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

void account_peak_add(struct account *a, const struct look *look)
{
	const struct sample *s = &look->sample;
	uint64_t footprint = sample_footprint(s), peak = sample_footprint(&a->peak);
	uint64_t hugetlb = a->peak.hugetlb;
	bool new_peak = footprint > peak || !a->samples, seen;

	if (new_peak)
		a->peak = *s;
	/* Huge pages come from a pool of their own, and so have a peak of their own, if not charged. */
	if (s->hugetlb != UNKNOWN && (hugetlb == UNKNOWN || s->hugetlb > hugetlb))
		hugetlb = s->hugetlb;
	if (!a->peak.hugetlb_charged)
		a->peak.hugetlb = hugetlb;
	if (!new_peak && !sample_is_near_peak(footprint, peak))
		return;
	seen = new_peak || peak_complete(a, s);
	/* Mapping memory that another step is charged with raises no peak: take objects then, too. */
	if (seen || bytes_of(look->objects, look->objects_n) > bytes_of(a->objects, a->objects_n))
		objects_take(a, look);
	if (reading_take(a, look, new_peak) || seen)
		top_take(a, look);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account_profile.h"

#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "account/histogram.h"

enum { PER_OCTAVE = 4 };

/* The low bits of a cache entry hold the index of a profile plus one. */
#define CACHE_SLOT UINT64_C(63)
_Static_assert(ACCOUNT_PROFILES <= CACHE_SLOT && PROFILE_CACHE > CACHE_SLOT,
	"an entry's place and its upper bits make up the whole hash of a title");

uint64_t account_profile_quantile(const struct account_profile *p, double part)
{
	uint64_t value = histogram_quantile(p->buckets, HISTOGRAM_BUCKETS, PER_OCTAVE, part);

	/* The middle of a bucket may lie above all that is in the bucket. */
	return value < p->peak ? value : p->peak;
}

/* The profile of a title; the last one takes all names for which there is no room. */
static uint32_t profile_find(struct account *a, const char *title)
{
	enum ray_role role = ray_role_of(title);
	struct account_profile *profile;
	char name[TITLE_SIZE];

	ray_task_name(title, name, sizeof(name));
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (a->profiles[i].role == (int32_t)role && !strcmp(a->profiles[i].name, name))
			return i;
	if (a->profiles_n == ACCOUNT_PROFILES)
		return ACCOUNT_PROFILES - 1;
	profile = &a->profiles[a->profiles_n];
	memset(profile, 0, sizeof(*profile));
	profile->role = (int32_t)role;
	snprintf(profile->name, sizeof(profile->name), "%s",
		a->profiles_n == ACCOUNT_PROFILES - 1 ? "(other names)" : name);
	return a->profiles_n++;
}

/* The same by way of the cache, since processes rarely change their titles. */
static struct account_profile *profile_of(struct account *a, const struct look_process *p)
{
	uint64_t *entry = &a->profile_cache[p->title_hash % PROFILE_CACHE];
	uint64_t slot = *entry & CACHE_SLOT;

	if (!slot || slot > a->profiles_n ||
		(*entry & ~CACHE_SLOT) != (p->title_hash & ~CACHE_SLOT)) {
		slot = profile_find(a, p->title) + 1;
		*entry = (p->title_hash & ~CACHE_SLOT) | slot;
	}
	return &a->profiles[slot - 1];
}

static void profile_lasted(struct account_profile *p, uint64_t weight_ms)
{
	if (p->now > p->processes)
		p->processes = p->now;
	if (p->share_now > p->peak)
		p->peak = p->share_now;
	p->weight += weight_ms;
	p->sum += (double)p->share_now * (double)weight_ms;
	histogram_add(p->buckets, HISTOGRAM_BUCKETS, PER_OCTAVE, p->share_now, weight_ms);
}

void account_profile_add(struct account *a, const struct look *look, uint64_t weight_ms)
{
	for (uint32_t i = 0; i < a->profiles_n; i++)
		a->profiles[i].now = 0, a->profiles[i].share_now = 0;
	for (unsigned i = 0; i < look->processes_n; i++) {
		const struct look_process *p = &look->processes[i];
		struct account_profile *profile;

		if (!p->rss || !p->title[0])
			continue;
		profile = profile_of(a, p);
		profile->now++;
		profile->share_now += p->share;
	}
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (a->profiles[i].now)
			profile_lasted(&a->profiles[i], weight_ms);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account_profile.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "account/account.h"

/* The low bits of a cache entry hold the index of a profile plus one. */
#define CACHE_SLOT UINT64_C(63)
_Static_assert(ACCOUNT_PROFILES <= CACHE_SLOT && PROFILE_CACHE > CACHE_SLOT,
	"an entry's place and its upper bits make up the whole hash of a name");

enum { NONE = ACCOUNT_PROFILES };

/* Names without a place that a look shows. More at once share what is left of the others' place. */
enum { NEWCOMERS = 64 };

struct newcomer {
	const struct look_process *process;
	uint64_t share; /* of all with the name */
};

static void cache_forget(struct account *a)
{
	memset(a->profile_cache, 0, sizeof(a->profile_cache));
}

/* "fold-12" becomes "fold-#". False: there are no digits. */
static bool fold(const char *name, char out[TASK_NAME_SIZE])
{
	size_t n = 0;
	bool found = false;

	for (; *name; name++) {
		bool digit = isdigit((unsigned char)*name);

		if (digit && n && out[n - 1] == '#' && isdigit((unsigned char)name[-1]))
			continue;
		out[n++] = digit ? '#' : *name;
		found |= digit;
	}
	out[n] = '\0';
	return found;
}

static bool is_profile_of(
	const struct account_profile *p, const struct look_process *process, const char *folded)
{
	return p->role == (int32_t)process->role &&
		!strcmp(p->name, p->folded ? folded : process->name);
}

static uint32_t profile_find(struct account *a, const struct look_process *p)
{
	char folded[TASK_NAME_SIZE];

	fold(p->name, folded);
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (is_profile_of(&a->profiles[i], p, folded))
			return i;
	return NONE;
}

/* The same by way of the cache, since processes rarely change their names. */
static uint32_t place_of(struct account *a, const struct look_process *p)
{
	uint64_t *entry = &a->profile_cache[p->name_hash % PROFILE_CACHE];
	uint64_t slot = *entry & CACHE_SLOT;

	if (!slot || slot > a->profiles_n ||
		(*entry & ~CACHE_SLOT) != (p->name_hash & ~CACHE_SLOT)) {
		slot = profile_find(a, p) + 1;
		if (slot > NONE)
			return NONE;
		*entry = (p->name_hash & ~CACHE_SLOT) | slot;
	}
	return (uint32_t)slot - 1;
}

static void profile_merge(struct account_profile *into, const struct account_profile *p)
{
	if (p->processes > into->processes)
		into->processes = p->processes;
	usage_merge(&into->private, &p->private);
	usage_merge(&into->together, &p->together);
}

static void profile_begin(struct account *a, uint32_t i, const char *name, enum ray_role role)
{
	struct account_profile *p = &a->profiles[i];

	memset(p, 0, sizeof(*p));
	p->role = (int32_t)role;
	snprintf(p->name, sizeof(p->name), "%s", name);
	cache_forget(a);
}

static void profile_remove(struct account *a, uint32_t i)
{
	memmove(&a->profiles[i], &a->profiles[i + 1],
		(a->profiles_n - i - 1) * sizeof(a->profiles[0]));
	a->profiles_n--;
	cache_forget(a);
}

/* Makes one of the names that differ in digits alone, once there are many. True: there is one. */
static bool names_fold(struct account *a, const struct look_process *p)
{
	char folded[TASK_NAME_SIZE], other[TASK_NAME_SIZE];
	unsigned alike = 0;
	uint32_t first = NONE;

	if (!fold(p->name, folded))
		return false;
	for (uint32_t i = 0; i < a->profiles_n; i++)
		if (a->profiles[i].role == (int32_t)p->role && fold(a->profiles[i].name, other) &&
			!strcmp(folded, other) && !alike++)
			first = i;
	if (alike < PROFILE_ALIKE)
		return false;
	for (uint32_t i = a->profiles_n; i-- > first + 1;) {
		if (a->profiles[i].role != (int32_t)p->role || !fold(a->profiles[i].name, other) ||
			strcmp(folded, other))
			continue;
		profile_merge(&a->profiles[first], &a->profiles[i]);
		profile_remove(a, i);
	}
	memcpy(a->profiles[first].name, folded, sizeof(folded));
	a->profiles[first].folded = 1;
	cache_forget(a);
	return true;
}

/* The name that had the least at any time: it gives up its place first. */
static uint32_t smallest(const struct account *a)
{
	uint32_t found = 0;

	for (uint32_t i = 1; i < a->profiles_n; i++)
		if (a->profiles[i].together.peak < a->profiles[found].together.peak)
			found = i;
	return found;
}

static void newcomer_place(struct account *a, const struct newcomer *n)
{
	uint32_t least;

	/* A newcomer before this one may have made their common name. */
	if (place_of(a, n->process) != NONE || names_fold(a, n->process))
		return;
	if (a->profiles_n < ACCOUNT_PROFILES) {
		profile_begin(a, a->profiles_n++, n->process->name, n->process->role);
		return;
	}
	least = smallest(a);
	if (n->share <= a->profiles[least].together.peak)
		return;
	profile_merge(&a->other_names, &a->profiles[least]);
	profile_begin(a, least, n->process->name, n->process->role);
	/* So that the next newcomer does not take its place. */
	a->profiles[least].together.peak = n->share;
}

static bool is_counted(const struct look_process *p)
{
	return p->rss && p->name[0];
}

static void newcomer_add(struct newcomer *list, unsigned *n, const struct look_process *p)
{
	for (unsigned i = 0; i < *n; i++)
		if (list[i].process->name_hash == p->name_hash) {
			list[i].share += p->share;
			return;
		}
	if (*n < NEWCOMERS)
		list[(*n)++] = (struct newcomer){ p, p->share };
}

/* Before anything is added up, so that a name that has a place has it from its first look on. */
static void places_give(struct account *a, const struct look *look)
{
	struct newcomer list[NEWCOMERS];
	unsigned n = 0;

	for (unsigned i = 0; i < look->processes_n; i++)
		if (is_counted(&look->processes[i]) && place_of(a, &look->processes[i]) == NONE)
			newcomer_add(list, &n, &look->processes[i]);
	for (unsigned i = 0; i < n; i++)
		newcomer_place(a, &list[i]);
}

static void process_add(struct account *a, const struct look_process *p, uint64_t weight_ms)
{
	uint32_t place = place_of(a, p);
	struct account_profile *profile = place == NONE ? &a->other_names : &a->profiles[place];

	profile->share_now += p->share;
	/* The worker that started the process has it among its descendants. */
	if (p->descendant)
		return;
	profile->now++;
	usage_add(&profile->private, p->private + p->descendants, weight_ms);
}

static void profile_lasted(struct account_profile *p, uint64_t weight_ms)
{
	if (!p->now)
		return;
	if (p->now > p->processes)
		p->processes = p->now;
	usage_add(&p->together, p->share_now, weight_ms);
}

static void profile_rest(struct account_profile *p)
{
	p->now = 0;
	p->share_now = 0;
}

void account_profile_add(struct account *a, const struct look *look, uint64_t weight_ms)
{
	for (uint32_t i = 0; i < a->profiles_n; i++)
		profile_rest(&a->profiles[i]);
	profile_rest(&a->other_names);
	places_give(a, look);
	for (unsigned i = 0; i < look->processes_n; i++)
		if (is_counted(&look->processes[i]))
			process_add(a, &look->processes[i], weight_ms);
	for (uint32_t i = 0; i < a->profiles_n; i++)
		profile_lasted(&a->profiles[i], weight_ms);
	profile_lasted(&a->other_names, weight_ms);
}

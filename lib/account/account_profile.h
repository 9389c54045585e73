/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes of one name (a Ray task or actor class) took together over time. */
#ifndef RAYPSS_ACCOUNT_PROFILE_H
#define RAYPSS_ACCOUNT_PROFILE_H

#include <stdint.h>

#include "base/text.h"

struct account;
struct look;

enum {
	ACCOUNT_PROFILES = 48,
	HISTOGRAM_BUCKETS = 120, /* 4 an octave */
	PROFILE_CACHE = 512, /* a power of two, and above 64 */
};

struct account_profile {
	char name[TITLE_SIZE];
	int32_t role; /* enum ray_role */
	uint32_t processes; /* most at a time */
	uint32_t now; /* at this look */
	uint64_t share_now;
	uint64_t weight; /* ms during which there was one */
	double sum; /* of share x ms */
	uint64_t peak;
	uint32_t buckets[HISTOGRAM_BUCKETS]; /* ms */
};

/*
 * Adds a look to the profiles of the account. Each profile's share of this look lasted for
 * weight_ms. The last of ACCOUNT_PROFILES takes all names for which there is no room.
 */
void account_profile_add(struct account *a, const struct look *look, uint64_t weight_ms);

/* Quantile of a profile's share over the time that there was one. */
uint64_t account_profile_quantile(const struct account_profile *p, double part);

#endif

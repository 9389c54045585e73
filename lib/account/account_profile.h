/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes of one name (a Ray task or actor class) took over time. */
#ifndef RAYPSS_ACCOUNT_PROFILE_H
#define RAYPSS_ACCOUNT_PROFILE_H

#include <stdint.h>

#include "account/usage.h"
#include "measure/look.h"

struct account;

enum {
	ACCOUNT_PROFILES = 48,
	PROFILE_CACHE = 512, /* a power of two, and above 64 */
};

/* Names that take a place each although they differ in digits alone; of more, digits become "#". */
enum { PROFILE_ALIKE = 8 };

struct account_profile {
	char name[TASK_NAME_SIZE];
	int32_t role; /* enum ray_role */
	uint32_t folded; /* 1 = name has "#" in place of digits, and stands for all such names */
	uint32_t processes; /* most at a time */
	uint32_t now; /* at this look */
	uint64_t share_now;
	struct usage private; /* of one process with its descendants, without shared memory */
	struct usage together; /* sum of the shares of all */
};

/*
 * Adds a look to the profiles of the account: what it shows lasted for weight_ms. The names with the
 * greatest sums have a place each. a->other_names takes all names for which there is no room, also what
 * a name had that gave up its place to a greater one.
 */
void account_profile_add(struct account *a, const struct look *look, uint64_t weight_ms);

#endif

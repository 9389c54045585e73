/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a core looks may take, whatever the step does. Time earns CPU time at the duty's rate,
 * looks spend it, and the next look has to wait until nothing is owed. Savings are kept, up to
 * the earnings of a minute, so that frequent looks near a limit do not wait. Looks at a group's totals
 * alone do not wait for the debt; accountant.c. Plain data: the caller brings clock and cost.
 *
 * Example: duty 2 %, looks of 10 ms each. 20 looks a second are possible for about 7 s, then two a
 * second.
 */
#ifndef RAYPSS_DUTY_H
#define RAYPSS_DUTY_H

#include <stdint.h>

/* Default of the option of the same name. */
#define DUTY_DEFAULT 0.02

struct duty {
	double part; /* of one core, 0 = no bound */
	double savings_ns; /* CPU time that may be spent; negative: owed */
	uint64_t at_ns; /* savings_ns is as of this time */
};

void duty_init(struct duty *d, double part, uint64_t now_ns);

/* A look that ended at now_ns took cost_ns of CPU time. */
void duty_spend(struct duty *d, uint64_t now_ns, uint64_t cost_ns);

/* The earliest time of the next look; not after the last duty_spend where nothing is owed. */
uint64_t duty_earliest_ns(const struct duty *d);

#endif

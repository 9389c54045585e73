/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long all hooks together may still hold up a step: deadline= of plugstack.conf. */
#ifndef RAYPSS_WAIT_BUDGET_H
#define RAYPSS_WAIT_BUDGET_H

#include <stdint.h>

struct wait_budget {
	uint64_t total_ns;
	uint64_t used_ns;
};

/* The end of a wait that begins now and takes all that is left. CLOCK_MONOTONIC. */
uint64_t wait_budget_until(const struct wait_budget *b);

/* A wait ended that began at begin_ns. */
void wait_budget_spend(struct wait_budget *b, uint64_t begin_ns);

#endif

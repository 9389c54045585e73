/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/wait_budget.h"

#include "base/units.h"

uint64_t wait_budget_until(const struct wait_budget *b)
{
	uint64_t left = b->total_ns > b->used_ns ? b->total_ns - b->used_ns : 0;

	return monotonic_ns() + left;
}

void wait_budget_spend(struct wait_budget *b, uint64_t begin_ns)
{
	b->used_ns += monotonic_ns() - begin_ns;
}

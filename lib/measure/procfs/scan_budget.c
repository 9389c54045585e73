/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/scan_budget.h"

/* Asking for the time costs as much as a mapping or two. */
enum { STEPS_PER_CHECK = 64 };

void scan_budget_begin(struct scan_budget *b)
{
	b->left_ns = b->look_ns;
}

void scan_budget_charge(struct scan_budget *b, uint64_t ns)
{
	b->left_ns -= ns < b->left_ns ? ns : b->left_ns;
}

struct scan_meter scan_meter_begin(struct scan_budget *b, unsigned times)
{
	uint64_t limit_ns = times * b->process_ns;

	return (struct scan_meter){
		.budget = b,
		.limit_ns = limit_ns < b->left_ns ? limit_ns : b->left_ns,
	};
}

bool scan_meter_step(struct scan_meter *m)
{
	if (++m->steps <= SCAN_FREE_STEPS || m->steps % STEPS_PER_CHECK)
		return true;
	m->checked_ns = monotonic_ns();
	if (!m->begin_ns)
		m->begin_ns = m->checked_ns;
	return m->checked_ns - m->begin_ns < m->limit_ns;
}

void scan_meter_end(struct scan_meter *m)
{
	if (m->begin_ns)
		scan_budget_charge(m->budget, m->checked_ns - m->begin_ns);
}

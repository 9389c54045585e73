/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long scans may take. Users decide how many mappings and descriptors there are, and can make
 * new ones as fast as we read them. The first SCAN_FREE_STEPS steps of each process are free, so that
 * ordinary processes are always scanned whole. Further steps come out of one budget per look.
 */
#ifndef RAYPSS_SCAN_BUDGET_H
#define RAYPSS_SCAN_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"

#define SCAN_LOOK_NS (100 * NS_PER_MS)
#define SCAN_PROCESS_NS (25 * NS_PER_MS)
enum { SCAN_FREE_STEPS = 1024 };

struct scan_budget {
	uint64_t look_ns; /* for all processes in a look, beyond their free steps */
	uint64_t process_ns; /* for one process */
	uint64_t left_ns; /* in this look */
};

struct scan_meter {
	struct scan_budget *budget;
	unsigned steps;
	uint64_t limit_ns;
	uint64_t begin_ns; /* when the free steps had been used, 0 = not yet */
	uint64_t checked_ns;
};

/* Begins a look. */
void scan_budget_begin(struct scan_budget *b);

/* Takes the time from the budget. */
void scan_budget_charge(struct scan_budget *b, uint64_t ns);

/* A meter for one process, which may take so many times process_ns if the budget has as much. */
struct scan_meter scan_meter_begin(struct scan_budget *b, unsigned times);

/* Counts a step. False = the scan must stop here. */
bool scan_meter_step(struct scan_meter *m);

/* Charges the budget. */
void scan_meter_end(struct scan_meter *m);

#endif

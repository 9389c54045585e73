/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A step that has ended and its account, for tests that write records: one for each program. */
#ifndef RAYPSS_ACCOUNTED_H
#define RAYPSS_ACCOUNTED_H

#include "account/account.h"
#include "base/units.h"
#include "results/step_info.h"

static struct account a;
static struct step_info info;

/* Two samples: 3 GiB of footprint at the peak, of a limit of 4 GiB. */
static inline void accounted_begin(void)
{
	account_init(&a, 4 * GIB, NS_PER_S);
	a.samples = 2;
	a.peak = (struct sample){ .at_ns = 3 * NS_PER_S,
		.private = GIB,
		.shared = 2 * GIB,
		.file = MIB,
		.rss = 9 * GIB,
		.store = GIB,
		.processes = 3 };
	a.last = a.peak;
	a.last.at_ns = 5 * NS_PER_S;
	a.rss_max = 9 * GIB;
	a.objects_n = 1;
	a.objects[0] = (struct look_object){ .dev = 27, .ino = 306, .bytes = 2 * GIB };
	info = (struct step_info){ .in_slurm = true,
		.job = 7,
		.restart = 1,
		.step = "0",
		.node = "n1",
		.nodes = 2,
		.uid = 1000,
		.ended = true };
}

#endif

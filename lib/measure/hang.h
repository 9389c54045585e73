/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a guardian notices that a look of its accountant, a process of its own, hangs in a read that a
 * user holds, see reading.h. The accountant sets a timer before each look and clears it afterwards: a
 * look that takes no longer than HANG_FIRST_NS does not wake the guardian. raypssd is such an
 * accountant, and the process that raypss run has for it.
 */
#ifndef RAYPSS_HANG_H
#define RAYPSS_HANG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "measure/procfs/reading.h"

/* When the guardian begins to watch a look, and how often it then checks. */
#define HANG_FIRST_NS (50 * NS_PER_MS)
#define HANG_CHECK_NS (25 * NS_PER_MS)

/*
 * How long one read may wait: while somebody waits for an answer, and otherwise. A fork of a process
 * with 100 GiB holds its files for half a second; so does, on a busy node, one that waits for the disk.
 * Twice the urgent time fits into the default deadline=.
 */
#define HANG_URGENT_NS (100 * NS_PER_MS)
#define HANG_NS NS_PER_S

/*
 * In that time the accountant must have been seen to wait so often: a machine that stood still meanwhile, as
 * virtual ones do, is no hang.
 */
enum { HANG_URGENT_SEEN = 2, HANG_SEEN = 20 };

/* Memory that the accountant and the guardian share. */
struct hang_shared {
	struct reading reading;
	atomic_bool looking;
};

struct hang_watch {
	struct hang_shared *shared; /* NULL = there is no watch */
	int timer; /* a timerfd that both have */
};

/* Before the accountant is forked. 0 or -errno, then there is no watch. */
int hang_watch_create(struct hang_watch *w);

/* In the accountant, around a look. The guardian ends the look of an accountant that died in it. */
void hang_look_begin(const struct hang_watch *w);
void hang_look_end(const struct hang_watch *w);

/* In the guardian: takes the news that the timer went off. */
void hang_timer_take(const struct hang_watch *w);

/* What the guardian sees of the accountant at one moment. */
struct hang_view {
	uint64_t now_ns;
	bool looking;
	unsigned count; /* reading.count */
	bool waits; /* the accountant sleeps in a call of the kernel */
	bool held; /* by a process that sleeps, too: one that waits for a CPU lets go by itself */
	bool urgent; /* somebody waits for an answer */
};

/*
 * The view of the process pid, all but urgent. On a busy node a process that maps or executes
 * something can hold its own files for a while: its first thread runs then, or waits for a CPU.
 */
struct hang_view hang_view_of(const struct hang_watch *w, pid_t pid);

/* The read in which the accountant was last seen to wait; zeroed = none. */
struct hang_read {
	unsigned count;
	unsigned seen; /* how often after the first time */
	uint64_t since_ns;
};

enum hang_verdict { HANG_OVER, HANG_WAIT, HANG_HUNG };

/* HANG_OVER: no look is on any more. HANG_WAIT: check again in HANG_CHECK_NS. Pure. */
enum hang_verdict hang_check(struct hang_read *r, const struct hang_view *view);

#endif

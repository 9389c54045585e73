/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source of looks: who belongs to a step, and where the step's totals come from. The accountant
 * decides when to look and knows nothing of /proc or control groups beyond these functions.
 *
 * Sources: procfs/tree_source.h (descendants of the tasks), cgroup/cgroup_source.h (a control
 * group's members, with the kernel's totals or without them).
 */
#ifndef RAYPSS_SOURCE_H
#define RAYPSS_SOURCE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "measure/look.h"

struct source;

/* What poll() can wait for at a source. */
enum { SOURCE_WATCHED = 2 };

enum source_event {
	SOURCE_QUIET,
	SOURCE_PRESSED, /* a limit was reached, or threads waited for memory: look soon */
	SOURCE_KILLED, /* the kernel killed a process of the step for memory */
};

/* How much of the step a look is to see. */
enum source_depth {
	DEPTH_TOTALS, /* only what costs the same for any number of processes; see has_totals */
	DEPTH_USUAL, /* the processes where the source finds that due */
	DEPTH_WHOLE, /* the processes in any case */
};

struct source_functions {
	/*
	 * Brings the process table up to date with who lives now. processes_look calls it at each
	 * look at processes, when the processes that are gone have left the table. 0 or -errno;
	 * -ENODEV: the control group was removed, so the step is over.
	 */
	int (*members)(struct source *s, uint64_t now_ns);

	/*
	 * Fills in the source, sample, limit, bound, numa, stall times and, where the source counts
	 * kills itself, kills.count and kills.scope; the processes' rows are brought up to date in
	 * the table, or left as last seen. 0 or as members; the look is then as complete as possible.
	 */
	int (*sample)(
		struct source *s, uint64_t now_ns, enum source_depth depth, struct look *look);

	/* Sets what to poll for; fd is -1 where there is nothing. */
	void (*watch)(const struct source *s, struct pollfd fds[SOURCE_WATCHED]);

	/* After poll: what happened. Never fails: without knowledge it is SOURCE_QUIET. */
	enum source_event (*woken)(
		struct source *s, uint64_t now_ns, const struct pollfd fds[SOURCE_WATCHED]);

	/* Gives everything back, the source itself too. */
	void (*close)(struct source *s);
};

/* The first member of each implementation. */
struct source {
	const struct source_functions *functions;
	bool counts_kills; /* else kills are counted from the kernel log */
	bool has_totals; /* the totals need no look at the processes: DEPTH_TOTALS is possible */
};

/* For sources that have nothing to wait for. */
static inline void source_watch_nothing(const struct source *s, struct pollfd fds[SOURCE_WATCHED])
{
	(void)s;
	for (unsigned i = 0; i < SOURCE_WATCHED; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
}

static inline enum source_event source_never_woken(
	struct source *s, uint64_t now_ns, const struct pollfd fds[SOURCE_WATCHED])
{
	(void)s;
	(void)now_ns;
	(void)fds;
	return SOURCE_QUIET;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory figures of a control group v2, through descriptors that stay open. The figures are
 * exact and count each page once, mapped or not. A sample costs three reads, however much memory
 * there is.
 */
#ifndef RAYPSS_MEMCG_H
#define RAYPSS_MEMCG_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "measure/cgroup/cgroup_parse.h"
#include "measure/look.h"

struct memcg;

/*
 * dir: the group's directory. top: the ancestor up to which limits are read (a step's job), a
 * leading part of dir; NULL: only dir itself. 0; -ENOTSUP where no memory of v2 is accounted there;
 * or -errno.
 */
int memcg_open(const char *dir, const char *top, struct memcg **out);
void memcg_close(struct memcg *m);

/*
 * Sets private, shared, kernel, file, swap, charged, unattributed and, to an upper bound, locked
 * (unevictable, private and shared memory too), and leaves the rest alone. Huge pages are UNKNOWN
 * without the hugetlb controller, unless the kernel charges them. 0 or -errno;
 * -ENODEV: the group was removed.
 */
int memcg_sample(struct memcg *m, struct sample *out);

/* The smallest memory.max from the group up to top; UNKNOWN = none. */
uint64_t memcg_limit(const struct memcg *m);

/*
 * An upper bound of memory and swap at any time since the group was made. UNKNOWN on kernels without
 * memory.peak (before 5.19), and where swap was seen in use without memory.swap.peak (before 6.5).
 */
uint64_t memcg_bound(const struct memcg *m);

/* The same of top, with everything that is charged to the other groups below it; UNKNOWN without top. */
uint64_t memcg_job_bound(const struct memcg *m);

/* The memory on each of the first max NUMA nodes. How many nodes, or -errno. */
int memcg_numa(const struct memcg *m, struct look_numa *out, unsigned max);

/* 0 or -errno, also when the kernel does not account pressure. */
int memcg_pressure(const struct memcg *m, struct pressure *out);

struct memcg_kills {
	uint64_t kills; /* processes of the group that the kernel killed since memcg_open */
	enum kill_scope scope; /* of the last: own limit or one below, top's, or neither */
};

/* Reads the counters and makes the watch quiet. As memcg_sample; *out stays when it fails. */
int memcg_kills(struct memcg *m, struct memcg_kills *out);

/*
 * What to poll for: POLLPRI says that counters changed or that threads stall for lack of memory.
 * Entries that are not to be had get fd -1.
 */
enum { MEMCG_WATCHED = 2 };
void memcg_watch(const struct memcg *m, struct pollfd fds[MEMCG_WATCHED]);

/* After poll: true if something happened. A descriptor that reports errors is not polled again. */
bool memcg_woken(struct memcg *m, const struct pollfd fds[MEMCG_WATCHED]);

#endif

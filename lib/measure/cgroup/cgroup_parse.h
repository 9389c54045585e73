/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers of the files of control groups: pure functions over a buffer. Formats:
 * Documentation/admin-guide/cgroup-v2.rst and accounting/psi.rst of the kernel, cgroups(7).
 *
 * Keys that are not ours are passed over; a key that the kernel does not have is UNKNOWN. A last
 * line without its newline was cut and counts as missing.
 */
#ifndef RAYPSS_CGROUP_PARSE_H
#define RAYPSS_CGROUP_PARSE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "measure/look.h"

struct memory_stat { /* memory.stat, bytes */
	uint64_t anon;
	uint64_t file; /* page cache, shmem among it */
	uint64_t shmem;
	uint64_t kernel; /* not before Linux 5.18 */
	uint64_t kernel_stack;
	uint64_t pagetables; /* not before Linux 5.11 */
	uint64_t percpu;
	uint64_t sock;
	uint64_t slab_reclaimable;
	uint64_t slab_unreclaimable;
	uint64_t swapcached; /* in memory and in swap; not before Linux 5.13 */
	uint64_t inactive_anon;
	uint64_t active_anon;
	uint64_t unevictable;
	/* Only where cgroups are mounted with memory_hugetlb_accounting; not before Linux 6.14. */
	uint64_t hugetlb;
};

/* 0, or -EINVAL: a key of ours without a number, or none of ours. */
int cgroup_stat_parse(const char *buf, size_t len, struct memory_stat *out);

/* What the kernel holds for the group and cannot drop; UNKNOWN where no part of it is known. */
uint64_t cgroup_stat_kernel(const struct memory_stat *s);

/*
 * All that memory.stat names of what memory.current counts. UNKNOWN before Linux 5.18, which does not
 * name all of the kernel's memory.
 */
uint64_t cgroup_stat_named(const struct memory_stat *s);

/*
 * What is charged as anon and as swap at once: of swapcached the part that processes have mapped.
 * 0 where it is not known.
 */
uint64_t cgroup_stat_twice(const struct memory_stat *s);

/* memory.numa_stat: the first max nodes into out, file with shmem. How many, or -EINVAL. */
int cgroup_numa_parse(const char *buf, size_t len, struct look_numa *out, unsigned max);

struct memory_events { /* memory.events, memory.events.local: times */
	uint64_t oom; /* the limit was reached and nothing could be reclaimed */
	uint64_t oom_kill; /* processes of the group killed, whosever limit it was */
};

/* As cgroup_stat_parse. */
int cgroup_events_parse(const char *buf, size_t len, struct memory_events *out);

/* A file of one number; "max" is UNKNOWN. 0 or -EINVAL. */
int cgroup_number_parse(const char *buf, size_t len, uint64_t *value);

struct pressure { /* memory.pressure: time lost for lack of memory since the group was made */
	uint64_t some_us; /* by at least one thread */
	uint64_t full_us; /* by all at once */
};

/* As cgroup_stat_parse. */
int pressure_parse(const char *buf, size_t len, struct pressure *out);

/*
 * The group of a process in /proc/PID/cgroup: of the hierarchy v2 (controller NULL), or of the v1
 * hierarchy with that controller. 0; -ENOENT: no such line; -EINVAL: not such a file;
 * -ENAMETOOLONG. The path may end in " (deleted)", as the kernel has it.
 */
int proc_cgroup_parse(const char *buf, size_t len, const char *controller, char *path, size_t size);

/*
 * The next pid of cgroup.procs at *pos, of whole lines before end. 1, 0 = no further, -EINVAL = not
 * a number (*pos is behind it). 0 stands for processes outside of our pid namespace.
 */
int cgroup_procs_next(const char **pos, const char *end, pid_t *pid);

struct mountinfo {
	char root[PATH_MAX]; /* which directory of the file system is shown */
	char point[PATH_MAX]; /* where */
	char type[32];
};

/* A line of /proc/PID/mountinfo. 0, -EINVAL, or -ENAMETOOLONG. */
int mountinfo_parse(const char *line, size_t len, struct mountinfo *out);

#endif

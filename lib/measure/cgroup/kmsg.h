/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel log says about processes killed for memory: a pure parser of a record of
 * /dev/kmsg (Documentation/ABI/testing/dev-kmsg of the kernel), and reading it from now on.
 */
#ifndef RAYPSS_KMSG_H
#define RAYPSS_KMSG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

/* The kernel cuts a record there. */
enum { KMSG_RECORD = 8192 };

enum kmsg_kind {
	KMSG_OTHER,
	KMSG_CAUSE, /* "oom-kill:constraint=...": who is chosen, and whose limit it is */
	KMSG_GROUP, /* "Tasks in GROUP are going to be killed": all of it, memory.oom.group */
	KMSG_KILLED, /* "... Killed process ...": what it had */
};

struct kmsg_oom {
	enum kmsg_kind kind;
	pid_t pid;
	char name[TITLE_SIZE]; /* cleaned */

	/* Of a cause, empty where not told; oom_memcg of a group, too. */
	char oom_memcg[PATH_MAX]; /* the group that ran out of its limit; none: the node did */
	char task_memcg[PATH_MAX]; /* the group of the one chosen */

	/* Of a kill: bytes, or UNKNOWN. */
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
};

/* 0 (also KMSG_OTHER), or -EINVAL: not a record, or a message of ours that is not as we know it. */
int kmsg_oom_parse(const char *buf, size_t len, struct kmsg_oom *out);

/* A descriptor that gives the records from now on, without blocking. Or -errno. */
int kmsg_open(const char *path);

/*
 * The next record. Its length, -EAGAIN where there is no further one, or -errno. Records that were
 * overwritten before we came to them are passed over.
 */
ssize_t kmsg_read(int fd, char buf[KMSG_RECORD]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes killed for memory in the kernel log: a pure parser for one record of /dev/kmsg
 * (Documentation/ABI/testing/dev-kmsg of the kernel), and functions that read new records.
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
	KMSG_CAUSE, /* "oom-kill:constraint=...": the chosen process, and the group whose limit it is */
	KMSG_GROUP, /* "Tasks in GROUP are going to be killed": all of it, memory.oom.group */
	KMSG_KILLED, /* "... Killed process ...": what it had */
};

struct kmsg_oom {
	enum kmsg_kind kind;
	pid_t pid;
	char name[TITLE_SIZE]; /* of a cause and a kill, cleaned */

	/* Of a cause, empty where not told; oom_memcg of a group, too. */
	char oom_memcg[PATH_MAX]; /* the group that ran out of its limit; none: the node did */
	char task_memcg[PATH_MAX]; /* the group of the one chosen */

	/* Of a kill: bytes, or UNKNOWN. */
	uint64_t anon;
	uint64_t file;
	uint64_t shmem;
};

/*
 * 0 (also for KMSG_OTHER), or -EINVAL: not a record, or one of these messages in another form than
 * the kernel gives it. *out is undefined then. A text that a user made the kernel log, such as the
 * name of a program that crashes, is none of these messages.
 */
int kmsg_oom_parse(const char *buf, size_t len, struct kmsg_oom *out);

/* A non-blocking descriptor that reads the records written from now on, or -errno. */
int kmsg_open(const char *path);

/*
 * Whether the process numbers in the log are those that this process sees in /proc: it is in the
 * kernel's first PID namespace, as the log is.
 */
bool kmsg_has_our_pids(void);

/*
 * Reads the next record. Its length, -EAGAIN: no further record, or -errno. Skips records that the
 * kernel overwrote before they were read.
 */
ssize_t kmsg_read(int fd, char buf[KMSG_RECORD]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads of /proc that a user can hold. The kernel answers cmdline, environ, maps, smaps, map_files
 * and kcmp(2) under a lock of the process, and reads the first two from the process's own memory.
 * While a page of that memory is on a FUSE server that does not answer, such a read waits for the
 * server, and no signal ends it. stat, statm, status and fd never wait.
 *
 * A reader notes before such reads whose files it is about to read. Whoever watches the reader from
 * another process sees there what holds it, and tells a reader that takes its place whom to shun.
 */
#ifndef RAYPSS_READING_H
#define RAYPSS_READING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/units.h"

/* Memory that the reader shares with the watcher. */
struct reading {
	atomic_uint count; /* one more for each note, so that equal counts mean the same read */
	atomic_int pid; /* the process whose files are read; 0: something else */
};

/* In line, since a steady look makes one for each process. */
static inline void reading_note(struct reading *r, pid_t pid)
{
	/* Only the reader writes: no need for an exchange. */
	unsigned count = atomic_load_explicit(&r->count, memory_order_relaxed) + 1;

	atomic_store_explicit(&r->pid, pid, memory_order_relaxed);
	atomic_store_explicit(&r->count, count, memory_order_release);
}

enum { SHUNNED = 8 };

/* Shunned for SHUN_NS after the first hang, twice as long after the second, at most 64 times. */
#define SHUN_NS (60 * NS_PER_S)
enum { SHUN_DOUBLED = 6 };

/* The processes of which only stat, statm, status and fd are read for some time. */
struct shunned {
	unsigned hangs; /* so far */
	uint64_t all_until_ns; /* until then every process; UINT64_MAX = for good */
	struct {
		pid_t pid;
		uint64_t until_ns;
	} processes[SHUNNED];
};

/*
 * Takes note at now_ns of a read that hung. All processes are shunned for that time where pid is 0 or
 * shunned already, and where there is no room for another one.
 */
void shunned_add(struct shunned *s, pid_t pid, uint64_t now_ns);

bool shunned_has(const struct shunned *s, pid_t pid, uint64_t now_ns);

static inline bool shunned_all(const struct shunned *s, uint64_t now_ns)
{
	return now_ns < s->all_until_ns;
}

#endif

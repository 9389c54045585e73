/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accountant of raypss run and of raypss top --pid, in a process of its own: some reads of /proc
 * wait as long as a FUSE server of the processes likes (measure/procfs/reading.h), and who waits for
 * the figures must not wait with them. raypss starts another accountant beside one that hangs, which
 * shuns the process that held it, and in place of one that was killed.
 */
#ifndef RAYPSS_RUN_READER_H
#define RAYPSS_RUN_READER_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "account/account.h"
#include "measure/accountant.h"
#include "tools/run_state.h"

struct run_reader;

/* What the pointers lead to must outlive the accountant. */
struct run_reader_options {
	const struct accountant_options *accountant;
	struct run_state *state; /* written after each sample; NULL = none */
	bool when_asked; /* no samples but those of run_reader_look() and run_reader_end() */
	/* NULL, or called with each look, in the accountant's process. */
	void (*sink)(void *context, const struct look *look);
	void *context;
};

/*
 * Forks the accountant of the process root and its descendants, and waits until it has that process.
 * The caller has blocked all signals that it waits for. 0, or -errno: nothing is accounted.
 */
int run_reader_create(
	const struct run_reader_options *options, pid_t root, struct run_reader **out);

/* Kills the accountant. Does nothing with NULL. */
void run_reader_destroy(struct run_reader *r);

/* What to poll for, and how long at most, in milliseconds, -1 = for ever. */
enum { RUN_READER_FDS = 2 };
int run_reader_poll(const struct run_reader *r, struct pollfd fds[RUN_READER_FDS]);

/* After each poll: starts another accountant where that is needed. */
void run_reader_check(struct run_reader *r, const struct pollfd fds[RUN_READER_FDS]);

/* Whether a child that was reaped was an accountant, and none of the processes that it accounts. */
bool run_reader_reaped(struct run_reader *r, pid_t pid);

/*
 * Has a sample taken, in bounded time. *due_ns is when the next one is due, CLOCK_MONOTONIC. 0 or
 * -errno: *account is that of the last sample that there was, as with run_reader_end().
 */
int run_reader_look(struct run_reader *r, struct account *account, uint64_t *due_ns);

/*
 * Once the command has ended: the accountant takes its last sample, in bounded time. *account is that
 * of the last sample that there was, all zero but for its limit without any.
 */
void run_reader_end(struct run_reader *r, struct account *account);

/* One line for the user, without its end, if not every sample could be taken as usual; else NULL. */
const char *run_reader_trouble(const struct run_reader *r);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accountant of raypss run, in a process of its own: some reads of /proc wait as long as a FUSE
 * server of the command likes (measure/procfs/reading.h), and the end of the command must not wait
 * with them. raypss run starts another accountant beside one that hangs, which shuns the process that
 * held it, and in place of one that was killed.
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

/*
 * Forks the accountant of the process command and its descendants, and waits until it has that
 * process. The caller has blocked all signals that it waits for. options and state, which may be
 * NULL, must outlive the accountant. 0, or -errno: nothing is accounted.
 */
int run_reader_create(const struct accountant_options *options, pid_t command,
	struct run_state *state, struct run_reader **out);

/* Kills the accountant. Does nothing with NULL. */
void run_reader_destroy(struct run_reader *r);

/* What to poll for, and how long at most, in milliseconds, -1 = for ever. */
enum { RUN_READER_FDS = 2 };
int run_reader_poll(const struct run_reader *r, struct pollfd fds[RUN_READER_FDS]);

/* After each poll: starts another accountant where that is needed. */
void run_reader_check(struct run_reader *r, const struct pollfd fds[RUN_READER_FDS]);

/* Whether a child that was reaped was an accountant, and not of the command. */
bool run_reader_reaped(struct run_reader *r, pid_t pid);

/*
 * Once the command has ended: the accountant takes its last sample, in bounded time. *account is that
 * of the last sample that there was, all zero but for its limit without any.
 */
void run_reader_end(struct run_reader *r, struct account *account);

/* One line for the user, without its end, if not every sample could be taken as usual; else NULL. */
const char *run_reader_trouble(const struct run_reader *r);

#endif

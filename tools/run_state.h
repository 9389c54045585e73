/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of live figures that raypss run keeps for its command. */
#ifndef RAYPSS_RUN_STATE_H
#define RAYPSS_RUN_STATE_H

#include "account/account.h"

struct run_state;

/*
 * Makes the file in TMPDIR, or else in /tmp, for this user alone. 0, or -errno: there are no live
 * figures, *out is NULL, and one line on standard error says so.
 */
int run_state_create(struct run_state **out);

/* Puts RAYPSS_STATE and, unless limit is UNKNOWN, RAYPSS_MEMORY_LIMIT into the environment. */
void run_state_export(const struct run_state *s, uint64_t limit);

/* Writes the last sample. Does nothing with NULL. */
void run_state_write(struct run_state *s, const struct account *a);

/* The file's descriptor, -1 with NULL. */
int run_state_fd(const struct run_state *s);

/* Removes the file. Does nothing with NULL. */
void run_state_destroy(struct run_state *s);

#endif

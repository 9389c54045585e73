/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running steps of this node that have live figures, as far as the caller may read them. */
#ifndef RAYPSS_LIVE_LIST_H
#define RAYPSS_LIVE_LIST_H

#include <stddef.h>
#include <sys/types.h>

#include "tools/live.h"

enum {
	LIVE_STEPS = 4096, /* more than a node runs at a time */
	USER_SIZE = 64,
};

struct live_step {
	struct live_name name;
	struct live figures;
	char user[USER_SIZE]; /* name or, where it has none, number; "" = not known */
	uint64_t age_ms; /* of the last sample */
};

struct live_list {
	size_t n;
	size_t left_out; /* files that could not be read or had no room; not those without a sample yet */
	struct live_step *steps; /* allocated */
};

/*
 * Reads all files of a directory, such as /run/raypss. A directory that is missing has no steps.
 * 0 or -errno: it cannot be listed, or there is no memory.
 */
int live_list_read(const char *dir, struct live_list *out);
void live_list_clear(struct live_list *list);

#endif

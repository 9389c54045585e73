/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From "all is in place" to "the end": who is told, what grows meanwhile, what ends it. */
#ifndef WORKLOADS_HOLD_H
#define WORKLOADS_HOLD_H

#include <stddef.h>
#include <sys/types.h>

/* Each figure is a truth in bytes, every object and page counted once. */
struct ready {
	pid_t origin; /* what was started; another than parent after --daemon */
	pid_t parent;
	const pid_t *pids;
	size_t processes;
	size_t shared_bytes, private_bytes, file_bytes;
};

struct hold {
	const char *until; /* a file whose appearance ends it, NULL: seconds do */
	double seconds, timeout;
};

struct load {
	size_t grow_rate, grow_to; /* bytes a second, bytes */
	size_t spike;
	double spike_seconds;
};

void ready_write(const char *path, const struct ready *ready);
int hold(const struct hold *hold, const struct load *load); /* 0 or EXIT_TIMEOUT */

#endif

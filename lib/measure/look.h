/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at a step: what lib/measure saw at one moment, as a value. Whoever wants to know what a
 * step uses (the account, the live file, a series) is handed a const struct look * and keeps what it
 * needs: the look and its arrays are valid until the accountant's next look.
 */
#ifndef RAYPSS_LOOK_H
#define RAYPSS_LOOK_H

#include <stdbool.h>
#include <stdint.h>

/* A shared object (tmpfs file, memfd, SysV segment, shared anonymous memory) with memory. */
struct look_object {
	uint64_t dev;
	uint64_t ino;
	uint64_t bytes;
	bool sysv; /* ino is the id of a SysV segment: part of the key, ids are inode numbers too */
	bool store; /* Ray's object store */
};

#endif

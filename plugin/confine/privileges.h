/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities and limits that a process gives up for the rest of its life. */
#ifndef RAYPSS_PRIVILEGES_H
#define RAYPSS_PRIVILEGES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Keeps only these capabilities of those that the process has, and takes back the right to be traced
 * or dumped. 0, or -EPERM where the process may not give up capabilities.
 */
int privileges_keep(const unsigned *capabilities, size_t n);

/* Whether the running kernel knows the capability. */
int privileges_known(unsigned capability);

/* Limits; 0 leaves one as it is. A limit that is already lower stays. */
struct privilege_limits {
	uint64_t memory; /* bytes of private writable memory, RLIMIT_DATA */
	uint64_t file; /* bytes of a file that is written, RLIMIT_FSIZE */
	uint64_t descriptors; /* RLIMIT_NOFILE */
};

/* Lowers the limits, and that of core dumps to 0. 0 or -errno. */
int privileges_limit(const struct privilege_limits *limits);

#endif

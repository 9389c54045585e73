/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guardian of raypssd: a process that does nothing but wait. If raypssd is ended by a signal,
 * whoever sent it, the guardian starts raypssd anew with the same socket, shared block and spool. If
 * raypssd is stopped, the guardian has it go on. slurmstepd notices neither.
 *
 * The guardian ends with raypssd, and the kernel ends raypssd with the guardian.
 */
#ifndef RAYPSS_GUARDIAN_H
#define RAYPSS_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "plugin/common/shm_block.h"

enum { GUARDIAN_STARTS = 4 };

/* A raypssd that lived that long has all starts before it again. */
#define GUARDIAN_TRUST_NS (60 * NS_PER_S)

struct guardian {
	unsigned started; /* how often, since a raypssd last lived for GUARDIAN_TRUST_NS */
	uint64_t started_ns;
};

/*
 * Whether to start raypssd, at now_ns, and after which pause: the first time and the second at once,
 * later ones ever later, but all within a second of the death. Pure.
 */
bool guardian_starts(struct guardian *g, uint64_t now_ns, uint64_t *pause_ns);

/*
 * Forks raypssd and returns in it: 0, or the signal by which the raypssd before it was ended. The
 * caller stays behind as the guardian, until the block says that the record is finished. Where there
 * can be no guardian the caller goes on without one.
 */
int guardian_run(struct shm_block *block);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guardian of raypssd: a process that does nothing but wait. It starts raypssd anew with the same
 * socket, shared block and spool
 *
 *     - if a signal ended raypssd, whoever sent it,
 *     - if a look of raypssd hangs in a read that a user holds (hang.h): the next raypssd begins
 *       beside the one that hangs, which ends as soon as the kernel lets it, and leaves out the reads
 *       of the process that held it,
 *     - if slurmstepd is gone and raypssd does not end in time.
 *
 * If raypssd is stopped, the guardian has it go on. slurmstepd notices none of this.
 *
 * The guardian ends with raypssd, and the kernel ends raypssd with the guardian.
 */
#ifndef RAYPSS_GUARDIAN_H
#define RAYPSS_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "measure/hang.h"
#include "measure/procfs/reading.h"
#include "plugin/common/shm_block.h"

enum { GUARDIAN_STARTS = 4 };

/* A raypssd that lived that long has all starts before it again. */
#define GUARDIAN_TRUST_NS (60 * NS_PER_S)

/* So many that hang may be there at a time. With the last one all processes are shunned for good. */
enum { GUARDIAN_HUNG = 4 };

struct guardian {
	uint64_t alone_ns; /* how long raypssd may live without slurmstepd */
	unsigned started; /* how often, since a raypssd last lived for GUARDIAN_TRUST_NS */
	uint64_t started_ns;
	struct hang_watch watch;
	struct shunned shunned;
	unsigned hung_n; /* those that the kernel has not let go yet */

	/* Why there is another raypssd, for it to read. */
	int signal; /* that ended the one before it; 0 = none */
	bool hung; /* the one before it hangs .. */
	pid_t hung_by; /* .. in reads of this process; 0 = in something else */
};

/*
 * Whether to start raypssd, at now_ns, and after which pause: the first time and the second at once,
 * later ones ever later, but all within a second of the death. Pure.
 */
bool guardian_starts(struct guardian *g, uint64_t now_ns, uint64_t *pause_ns);

/*
 * Forks raypssd and returns in it. g: zeroed but for alone_ns; afterwards its parts for raypssd to read. socket: the
 * end of which tells that slurmstepd is gone. The caller stays behind as the guardian, until the block
 * says that the record is finished. Where there can be no guardian the caller goes on without one.
 */
void guardian_run(struct guardian *g, struct shm_block *block, int socket);

#endif

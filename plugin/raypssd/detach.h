/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How raypssd leaves slurmstepd's process tree, which waits for its own children only. */
#ifndef RAYPSS_DETACH_H
#define RAYPSS_DETACH_H

#include "plugin/common/shm_block.h"

/*
 * Returns in a child, which has a session of its own and / as its directory. The caller's process
 * ends. The child's pid is in the shared block before slurmstepd goes on (the parent writes it) and
 * before the child leaves the parent's process group (the child writes it, too). So slurmstepd can
 * kill raypssd wherever one of them is stopped.
 */
void detach(struct shm_block *block);

/* The last part of it, for a process that is not slurmstepd's child: / as its directory. */
void detach_settle(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How raypssd leaves slurmstepd's process tree, which waits for its own children only. */
#ifndef RAYPSS_DETACH_H
#define RAYPSS_DETACH_H

#include "plugin/common/shm_block.h"

/*
 * Returns in a child, in a session of its own and at /; the caller's process ends. Who is left stands
 * in the shared block: the parent tells it before slurmstepd goes on, and the child before it leaves the
 * parent's group, so that there is no moment at which nobody knows, wherever one of them is stopped.
 */
void detach(struct shm_block *block);

#endif

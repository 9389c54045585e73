/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether maxrss=exact would be taken on this node, told without a step. A child process loads
 * Slurm's library and the node's slurm.conf as slurmstepd does, and makes the checks of
 * exact_take on them. Nothing outside of the child changes, and it cannot hurt the caller: if
 * Slurm's code ends or hangs there, the answer is EXACT_UNSURE.
 *
 * What it can only guess. In slurmstepd itself these can still refuse:
 *   - another SPANK plugin that has put its own function into Slurm's table, or a second table
 *   - a filter on slurmstepd that forbids process_vm_readv(2)
 *   - a step with more than TASK_FIGURES_MAX tasks on the node
 *   - a slurmstepd other than the one looked at, or one started before Slurm was updated
 */
#ifndef RAYPSS_EXACT_REHEARSAL_H
#define RAYPSS_EXACT_REHEARSAL_H

#include <stdint.h>

#include "plugin/spank/exact/exact_proof.h"

enum exact_answer {
	EXACT_TAKEN, /* all checks pass */
	EXACT_REFUSED, /* a check fails, so steps get today's rule for MaxRSS */
	EXACT_UNSURE, /* the checks could not be made */
};

/*
 * slurmstepd: the path of the node's slurmstepd, or NULL: the first in PATH, then in the usual sbin
 * directories. Slurm's library is the one that the dynamic linker gives this slurmstepd.
 * why gets one line for people unless the answer is EXACT_TAKEN. Takes 3 s at most, usually some
 * milliseconds.
 */
enum exact_answer exact_rehearse(const char *slurmstepd, char why[EXACT_WHY]);

/* The same with Slurm's library at this path, whatever slurmstepd has. Takes wait_ns at most. */
enum exact_answer exact_rehearse_library(
	const char *library, uint64_t wait_ns, char why[EXACT_WHY]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether everything in this slurmstepd is as exact figures need it. Changes nothing. */
#ifndef RAYPSS_EXACT_PROOF_H
#define RAYPSS_EXACT_PROOF_H

#include <stdint.h>

#include "plugin/spank/exact/jobacct_layout.h"
#include "plugin/spank/exact/slurm_parts.h"

/* Longest refusal with its NUL. */
enum { EXACT_WHY = 256 };

struct exact_proof {
	struct slurm_parts slurm;
	struct jobacct_layout layout;
	uintptr_t table; /* of the accounting plugin's functions, writable */
};

/*
 * tasks: of the step on this node. 0, or -errno with why in one line. After 0 the accounting plugin
 * is held until slurm_parts_release(&out->slurm).
 */
int exact_prove(struct exact_proof *out, uint32_t tasks, char why[EXACT_WHY]);

#endif

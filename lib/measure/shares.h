/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Estimated part of a step's footprint that belongs to each process. */
#ifndef RAYPSS_SHARES_H
#define RAYPSS_SHARES_H

#include "measure/look.h"

/*
 * Sets the share of each of n rows. A process counts with its own memory (private, kernel, swap), and
 * with shared memory by how much of it the process maps; both are scaled down where they add up to
 * more than the sample has. Of what is left of the footprint, a process has its spared memory first;
 * *rest is what is left then.
 */
void shares_estimate(
	struct look_process *rows, unsigned n, const struct sample *sample, struct look_rest *rest);

#endif

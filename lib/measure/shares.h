/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which part of a step's footprint each process stands for. */
#ifndef RAYPSS_SHARES_H
#define RAYPSS_SHARES_H

#include "measure/look.h"

/*
 * Sets the share of each of n rows. A process counts with its own memory (private, page tables,
 * swap), and with shared memory by how much of it the process maps; both are scaled so that all
 * shares add up to the sample's footprint. Shared memory that nobody maps is divided evenly.
 */
void shares_estimate(struct look_process *rows, unsigned n, const struct sample *sample);

#endif

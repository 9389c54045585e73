/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/shares.h"

static uint64_t own_of(const struct look_process *p)
{
	return p->private + p->kernel + p->swap;
}

/* Sets the scale at which the parts of all processes make up the total, and what is left of it. */
static double scale_of(uint64_t total, uint64_t parts, uint64_t *rest)
{
	*rest = total > parts ? total - parts : 0;
	return total < parts ? (double)total / (double)parts : 1;
}

/* Takes up to parts off the rest. Returns which part of them that is. */
static double part_of_rest(uint64_t *rest, uint64_t parts)
{
	uint64_t taken = *rest < parts ? *rest : parts;

	*rest -= taken;
	return parts ? (double)taken / (double)parts : 0;
}

void shares_estimate(
	struct look_process *rows, unsigned n, const struct sample *sample, struct look_rest *rest)
{
	uint64_t shared = sample->shared == UNKNOWN ? 0 : sample->shared;
	uint64_t own = 0, spared = 0, mapped = 0;
	double own_scale, spared_part, mapped_scale;

	for (unsigned i = 0; i < n; i++) {
		own += own_of(&rows[i]);
		spared += rows[i].spared;
		mapped += rows[i].shmem;
	}
	own_scale = scale_of(sample_footprint(sample) - shared, own, &rest->other);
	/* A control group is still charged with it, and it is these processes' memory. */
	spared_part = part_of_rest(&rest->other, spared);
	mapped_scale = scale_of(shared, mapped, &rest->unmapped);
	for (unsigned i = 0; i < n; i++)
		rows[i].share = (uint64_t)((double)own_of(&rows[i]) * own_scale +
			(double)rows[i].spared * spared_part +
			(double)rows[i].shmem * mapped_scale);
}

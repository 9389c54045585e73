/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the running slurmstepd that exact figures need: functions of libslurmfull, the
 * loaded accounting plugin, and the writable memory in which Slurm's table of it lies.
 */
#ifndef RAYPSS_SLURM_PARTS_H
#define RAYPSS_SLURM_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/spank/exact/gather_table.h"
#include "plugin/spank/exact/jobacct_layout.h"

enum { SLURM_SEGMENTS_MAX = 8 };

struct slurm_parts {
	struct jobacct_api api;
	/* Kills the step where a sum is above its limit: jobacct_gather_handle_mem_limit. */
	void (*handle_limit)(uint64_t memory, uint64_t virtual);
	uint16_t *oom_kill; /* slurm_conf.job_acct_oom_kill: OverMemoryKill is set */
	void *gatherer; /* dlopen handle of the accounting plugin */
	void *functions[GATHER_FUNCTIONS]; /* of the accounting plugin, as in Slurm's table */
	struct memory_segment segments[SLURM_SEGMENTS_MAX]; /* writable, of libslurmfull */
	size_t segments_n;
};

/*
 * Finds the parts; changes nothing. The caller has checked that the layout of slurm_conf is the one
 * we were built for (slurm_settings.readable). 0 or -errno, and why: -ENOENT a part is missing,
 * -ENOTSUP it is not where it should be. After 0 slurm_parts_release lets the accounting plugin go.
 */
int slurm_parts_find(struct slurm_parts *out, char *why, size_t size);

void slurm_parts_release(struct slurm_parts *parts);

#endif

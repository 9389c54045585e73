/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Slurm keeps the memory of a task in its private struct jobacctinfo. No layout is compiled
 * in, because the struct changes within a release (24.11.0, 24.11.4). The layout is learnt from
 * specimens that Slurm itself makes, and proved by what Slurm's own functions do with them.
 */
#ifndef RAYPSS_JOBACCT_LAYOUT_H
#define RAYPSS_JOBACCT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/spank/exact/self_memory.h"

/*
 * Slurm's functions; src/interfaces/jobacct_gather.h, src/common/list.h and xmalloc.h. info is a
 * struct jobacctinfo, type an enum jobacct_data_type of slurm.h, each is list_for_each, size is
 * xsize: the bytes that were allocated.
 */
struct jobacct_api {
	void *(*create)(void *id);
	void (*destroy)(void *info);
	void (*aggregate)(void *to, void *from);
	int (*getinfo)(void *info, unsigned type, void *data, uint16_t protocol);
	int (*setinfo)(void *info, unsigned type, void *data, uint16_t protocol);
	size_t (*size)(void *info);
	int (*each)(void *list, int (*visit)(void *info, void *arg), void *arg);
};

/* Offsets in struct jobacctinfo, in bytes, of the pointers to arrays that have a value per TRES. */
struct jobacct_layout {
	size_t max; /* tres_usage_in_max */
	size_t max_task; /* tres_usage_in_max_taskid */
	size_t min; /* tres_usage_in_min */
	size_t total; /* tres_usage_in_tot */
	size_t memory; /* index of memory in each of these arrays */
};

/* The value for memory in the array at this offset, or NULL where there is no array. */
static inline uint64_t *jobacct_value(
	void *info, size_t offset, const struct jobacct_layout *layout)
{
	uint64_t *array = *(uint64_t **)((char *)info + offset);

	return array ? array + layout->memory : NULL;
}

/*
 * Learns and proves the layout. Makes two specimens and destroys them; nothing else of Slurm's is
 * touched. 0 or -errno and why, in a few words:
 *   -ENOTSUP  laid out, or behaving, in an unexpected way
 *   -ENOMEM   Slurm makes no specimen
 */
int jobacct_layout_learn(const struct jobacct_api *api, memory_read_fn *read,
	memory_write_fn *write, struct jobacct_layout *out, const char **why);

#endif

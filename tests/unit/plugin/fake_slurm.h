/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of libslurmfull as exact figures touch, with a struct jobacctinfo whose layout a test
 * chooses. Linked into a test, or loaded by it as a library of its own (fake_slurm.so).
 */
#ifndef RAYPSS_FAKE_SLURM_H
#define RAYPSS_FAKE_SLURM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <slurm/slurm.h>

enum { FAKE_ARRAYS = 14, FAKE_FUNCTIONS = 4, FAKE_PAGE = 4096 };

struct fake_shape {
	size_t words; /* of the struct */
	size_t arrays_at; /* word where the pointers to the arrays begin */
	size_t values; /* of each array */
	size_t memory; /* index in the arrays */
	size_t virtual;
	uint64_t unset; /* initial value */
	bool swapped; /* minimum before maximum */
	bool no_specimen; /* create makes none */
	bool sums_wrongly; /* aggregate loses the total */
	bool keeps_task; /* aggregate loses whose the maximum is */
	bool tells_wrongly; /* getinfo tells another total */
	bool moves; /* the arrays of every other specimen are a word further */
	bool doubled; /* the pointers to the arrays stand twice, 14 words apart */
	bool counts_unset; /* aggregate takes "not set" for a figure */
	bool last_wins; /* aggregate overwrites maximum and minimum */
	bool spoils_source; /* aggregate changes what it adds */
	bool set_fails;
	bool get_fails;
	bool shares_virtual; /* virtual memory overwrites memory */
	int broken; /* array whose pointer is broken_to, -1: none */
	uintptr_t broken_to;
};

/* The shape of struct jobacctinfo in 22.05 to 26.05. */
#define FAKE_REAL_SHAPE                                                                            \
	((struct fake_shape){ .words = 35,                                                         \
		.arrays_at = 16,                                                                   \
		.values = 9,                                                                       \
		.memory = 1,                                                                       \
		.virtual = 6,                                                                      \
		.unset = UINT64_MAX,                                                               \
		.broken = -1 })

/* What happens when a program starts with the library. */
enum fake_start {
	FAKE_STARTS,
	FAKE_NO_CONF, /* ends the process */
	FAKE_HANGS,
	FAKE_CRASHES,
	FAKE_OTHER_RELEASE,
	FAKE_NO_GATHERER, /* cannot be loaded */
};

struct fake_list {
	void *infos[2048];
	size_t n;
};

/* The state of the fake; fake_slurm() of the library that is meant. */
struct fake_slurm {
	struct fake_shape shape;
	enum fake_start start;
	slurm_conf_t *conf;
	void **table; /* FAKE_FUNCTIONS pointers at the beginning of a page */
	void **second; /* room for another table */
	uint64_t raw; /* what the plugin's poll finds for each task */
	unsigned polls; /* of the plugin */
	unsigned comparisons; /* calls of jobacct_gather_handle_mem_limit, and the last of them */
	uint64_t compared;
	uint64_t compared_virtual;
	unsigned specimens; /* not destroyed */

	void *(*create)(void *id);
	void (*destroy)(void *info);
	void (*aggregate)(void *to, void *from);
	int (*getinfo)(void *info, unsigned type, void *data, uint16_t protocol);
	int (*setinfo)(void *info, unsigned type, void *data, uint16_t protocol);
	size_t (*size)(void *info);
	int (*each)(void *list, int (*visit)(void *info, void *arg), void *arg);
	uint64_t **(*arrays)(void *info);
	void (*plugin_poll)(struct fake_list *list); /* what the accounting plugin does */
	void (*poll)(struct fake_list *list); /* what slurmstepd does: through the table */
};

struct fake_slurm *fake_slurm(void);

#endif

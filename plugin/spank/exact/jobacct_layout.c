/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/jobacct_layout.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <slurm/slurm.h>

enum {
	/* tres_usage_in_max, its node, its task, min, its node, its task, total; the same for out. */
	ARRAYS = 14,
	IN_MAX = 0,
	IN_MAX_TASK = 2,
	IN_MIN = 3,
	IN_TOTAL = 6,
	STRUCT_WORDS = 128, /* more than the struct of any release has; 35 in 25.11 */
	/* Values read of each array. Every release has at least 8; the index of memory is 1. */
	VALUES = 4,
	/* jobacct_id_t begins with the ids of the task and the node. The rest is not read. */
	ID_WORDS = 64,
};

/* Slurm's "not set", INFINITE64. */
#define UNSET UINT64_MAX

/* Values that stand nowhere else in a specimen. */
#define TOTAL UINT64_C(0x7a11d00300000)
#define VIRTUAL UINT64_C(0x7a11d00400000)

struct specimen {
	const struct jobacct_api *api;
	memory_read_fn *read;
	memory_write_fn *write;
	void *info;
	uint32_t task;
	uint32_t node;
	struct jobacct_layout layout;
	/* Addresses of the values for memory. */
	uintptr_t max, max_task, min, total;
};

static int specimen_make(struct specimen *s)
{
	uint32_t id[ID_WORDS] = { s->task, s->node };
	uint64_t total = TOTAL;

	s->info = s->api->create(id);
	if (!s->info)
		return -ENOMEM;
	return s->api->setinfo(s->info, JOBACCT_DATA_TOT_RSS, &total, 0) ? -ENOTSUP : 0;
}

/*
 * Whether these could be the arrays of a new specimen. Its values are unset or the ids; only the
 * total of memory was set. *memory becomes its index.
 */
static bool are_arrays(const struct specimen *s, const uintptr_t *arrays, size_t *memory)
{
	const uint64_t expected[ARRAYS / 2] = { UNSET, s->node, s->task, UNSET, s->node, s->task,
		UNSET };
	bool found = false;

	for (size_t a = 0; a < ARRAYS; a++) {
		uint64_t values[VALUES];

		if (s->read(arrays[a], values, sizeof(values)))
			return false;
		for (size_t i = 0; i < VALUES; i++) {
			if (a == IN_TOTAL && !found && values[i] == TOTAL) {
				*memory = i;
				found = true;
			} else if (values[i] != expected[a % (ARRAYS / 2)]) {
				return false;
			}
		}
	}
	return found;
}

static int specimen_search(struct specimen *s)
{
	uintptr_t words[STRUCT_WORDS], at = (uintptr_t)s->info;
	/* Not beyond its end: freed specimens there can hold the same pointers. */
	size_t n = s->api->size(s->info) / sizeof(*words), start = 0, memory;
	unsigned found = 0;

	if (n > STRUCT_WORDS || s->read(at, words, n * sizeof(*words)))
		return -ENOTSUP;
	for (size_t i = 0; i + ARRAYS <= n; i++) {
		if (!are_arrays(s, words + i, &memory))
			continue;
		start = i;
		s->layout.memory = memory;
		found++;
	}
	if (found != 1)
		return -ENOTSUP;
	s->layout.max = (start + IN_MAX) * sizeof(*words);
	s->layout.max_task = (start + IN_MAX_TASK) * sizeof(*words);
	s->layout.min = (start + IN_MIN) * sizeof(*words);
	s->layout.total = (start + IN_TOTAL) * sizeof(*words);
	s->max = words[start + IN_MAX] + s->layout.memory * sizeof(uint64_t);
	s->max_task = words[start + IN_MAX_TASK] + s->layout.memory * sizeof(uint64_t);
	s->min = words[start + IN_MIN] + s->layout.memory * sizeof(uint64_t);
	s->total = words[start + IN_TOTAL] + s->layout.memory * sizeof(uint64_t);
	return 0;
}

static bool set(const struct specimen *s, uint64_t max, uint64_t min, uint64_t total)
{
	return !s->write(s->max, &max, sizeof(max)) && !s->write(s->min, &min, sizeof(min)) &&
		!s->write(s->total, &total, sizeof(total));
}

static bool holds(const struct specimen *s, uint64_t max, uint64_t min, uint64_t total)
{
	uint64_t is[3];

	return !s->read(s->max, is, sizeof(*is)) && !s->read(s->min, is + 1, sizeof(*is)) &&
		!s->read(s->total, is + 2, sizeof(*is)) && is[0] == max && is[1] == min &&
		is[2] == total;
}

/* Slurm's own sum over tasks takes the greatest maximum, the least minimum and the sum. */
static bool aggregates(const struct specimen *to, const struct specimen *from)
{
	void (*aggregate)(void *, void *) = to->api->aggregate;
	uint64_t task = 0;

	if (!set(to, 650, 550, TOTAL) || !set(from, 700, 500, 600))
		return false;
	aggregate(to->info, from->info);
	if (!holds(to, 700, 500, TOTAL + 600) || !holds(from, 700, 500, 600))
		return false;
	if (to->read(to->max_task, &task, sizeof(task)) || task != from->task)
		return false;
	if (!set(from, 690, 510, 600))
		return false;
	aggregate(to->info, from->info);
	if (!holds(to, 700, 500, TOTAL + 1200) || !set(from, UNSET, UNSET, UNSET))
		return false;
	aggregate(to->info, from->info);
	return holds(to, 700, 500, TOTAL + 1200);
}

/* Slurm reads the total where we found it, and keeps virtual memory elsewhere. */
static bool tells(const struct specimen *s)
{
	uint64_t total = 0, virtual = VIRTUAL, got = 0;

	if (!set(s, 700, 500, TOTAL + 1) ||
		s->api->getinfo(s->info, JOBACCT_DATA_TOT_RSS, &total, 0) || total != TOTAL + 1)
		return false;
	return !s->api->setinfo(s->info, JOBACCT_DATA_TOT_VSIZE, &virtual, 0) &&
		!s->api->getinfo(s->info, JOBACCT_DATA_TOT_VSIZE, &got, 0) && got == VIRTUAL &&
		holds(s, 700, 500, TOTAL + 1);
}

static int learn(struct specimen *a, struct specimen *b, const char **why)
{
	int rc = specimen_make(a);

	if (rc == 0)
		rc = specimen_make(b);
	if (rc) {
		*why = "Slurm makes no specimen of its figures";
		return rc;
	}
	*why = "Slurm's figures of a task are laid out in an unknown way";
	if (specimen_search(a) || specimen_search(b) ||
		memcmp(&a->layout, &b->layout, sizeof(a->layout)) != 0)
		return -ENOTSUP;
	*why = "Slurm's functions treat the figures of a task in an unknown way";
	return aggregates(a, b) && tells(a) && tells(b) ? 0 : -ENOTSUP;
}

int jobacct_layout_learn(const struct jobacct_api *api, memory_read_fn *read,
	memory_write_fn *write, struct jobacct_layout *out, const char **why)
{
	struct specimen a = { api, read, write, .task = 0x7a11d001, .node = 0x7a11d002 };
	struct specimen b = { api, read, write, .task = 0x7a11d005, .node = 0x7a11d006 };
	int rc = learn(&a, &b, why);

	if (rc == 0)
		*out = a.layout;
	if (a.info)
		api->destroy(a.info);
	if (b.info)
		api->destroy(b.info);
	return rc;
}

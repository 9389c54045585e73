/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plugin/fake_slurm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX, MAX_NODE, MAX_TASK, MIN, MIN_NODE, MIN_TASK, TOTAL, HALF };

#pragma GCC visibility push(default)

slurm_conf_t slurm_conf;

void *jobacctinfo_create(void *id);
void jobacctinfo_destroy(void *info);
void jobacctinfo_aggregate(void *to, void *from);
int jobacctinfo_getinfo(void *info, unsigned type, void *data, uint16_t protocol);
int jobacctinfo_setinfo(void *info, unsigned type, void *data, uint16_t protocol);
size_t slurm_xsize(void *item);
int slurm_list_for_each(void *list, int (*visit)(void *info, void *arg), void *arg);
void jobacct_gather_handle_mem_limit(uint64_t memory, uint64_t virtual);
int jobacct_gather_add_task(pid_t pid, void *id, int poll);
/* How a program starts with Slurm's library. */
uint32_t g_tres_count;
int slurm_conf_init(const char *file);
void print_slurm_version(void);
int jobacct_gather_init(void);
struct fake_slurm *fake_slurm(void);

#pragma GCC visibility pop

/* Pages of their own, so that a test can protect them. */
static struct {
	_Alignas(FAKE_PAGE) void *functions[FAKE_PAGE / sizeof(void *)];
	void *more[FAKE_PAGE / sizeof(void *)];
} table;

static struct fake_slurm fake;

/* The arrays are kept in front of the struct, too: a broken pointer must not hinder destroy. */
struct specimen {
	uint64_t *arrays[FAKE_ARRAYS];
	uint64_t *words[];
};

static struct specimen *specimen_of(void *info)
{
	return (struct specimen *)((char *)info - offsetof(struct specimen, words));
}

static uint64_t **arrays_of(void *info)
{
	return specimen_of(info)->arrays;
}

/* Which array has what role; maximum and minimum may be the other way round. */
static size_t role(size_t array)
{
	size_t in_half = array % HALF;

	if (fake.shape.swapped && in_half < TOTAL)
		in_half = (in_half + MIN) % TOTAL;
	return array / HALF * HALF + in_half;
}

void *jobacctinfo_create(void *id)
{
	size_t at = fake.shape.arrays_at + (fake.shape.moves && fake.specimens % 2);
	const uint32_t *ids = id;
	struct specimen *s;

	if (fake.shape.no_specimen)
		return NULL;
	s = calloc(1, sizeof(*s) + fake.shape.words * sizeof(*s->words));
	for (size_t a = 0; s && a < FAKE_ARRAYS; a++) {
		const uint64_t values[HALF] = { fake.shape.unset, ids[1], ids[0], fake.shape.unset,
			ids[1], ids[0], fake.shape.unset };

		s->arrays[a] = calloc(fake.shape.values, sizeof(uint64_t));
		for (size_t i = 0; s->arrays[a] && i < fake.shape.values; i++)
			s->arrays[a][i] = values[a % HALF];
		s->words[at + a] = s->arrays[a];
		if ((int)a == fake.shape.broken)
			s->words[at + a] = (uint64_t *)fake.shape.broken_to;
		if (fake.shape.doubled)
			s->words[at - FAKE_ARRAYS + a] = s->words[at + a];
	}
	fake.specimens++;
	return s->words;
}

void jobacctinfo_destroy(void *info)
{
	struct specimen *s = specimen_of(info);

	for (size_t a = 0; a < FAKE_ARRAYS; a++)
		free(s->arrays[a]);
	free(s);
	fake.specimens--;
}

static bool is_greater(uint64_t a, uint64_t b)
{
	if (a == UINT64_MAX && !fake.shape.counts_unset)
		return false;
	return b == UINT64_MAX || a > b || fake.shape.last_wins;
}

static bool is_less(uint64_t a, uint64_t b)
{
	if (a == UINT64_MAX && !fake.shape.counts_unset)
		return false;
	return a < b || fake.shape.last_wins;
}

/* As _jobacctinfo_aggregate_tres_usage of Slurm does for one half and one TRES. */
static void aggregate_one(uint64_t **to, uint64_t **from, size_t half, size_t i)
{
	size_t max = role(half + MAX), min = role(half + MIN), total = half + TOTAL;

	if (is_greater(from[max][i], to[max][i])) {
		to[max][i] = from[max][i];
		to[max + MAX_NODE][i] = from[max + MAX_NODE][i];
		if (!fake.shape.keeps_task)
			to[max + MAX_TASK][i] = from[max + MAX_TASK][i];
	}
	if (is_less(from[min][i], to[min][i])) {
		to[min][i] = from[min][i];
		to[min + MAX_NODE][i] = from[min + MAX_NODE][i];
		to[min + MAX_TASK][i] = from[min + MAX_TASK][i];
	}
	if (from[total][i] == UINT64_MAX || fake.shape.sums_wrongly)
		return;
	if (to[total][i] == UINT64_MAX)
		to[total][i] = 0;
	to[total][i] += from[total][i];
	from[total][i] -= fake.shape.spoils_source;
}

void jobacctinfo_aggregate(void *to, void *from)
{
	for (size_t half = 0; half < FAKE_ARRAYS; half += HALF)
		for (size_t i = 0; i < fake.shape.values; i++)
			aggregate_one(arrays_of(to), arrays_of(from), half, i);
}

static uint64_t *total_of(void *info, unsigned type)
{
	size_t i = type == JOBACCT_DATA_TOT_RSS || fake.shape.shares_virtual ? fake.shape.memory
									     : fake.shape.virtual;

	return arrays_of(info)[TOTAL] + i;
}

int jobacctinfo_getinfo(void *info, unsigned type, void *data, uint16_t protocol)
{
	(void)protocol;
	*(uint64_t *)data = *total_of(info, type) + fake.shape.tells_wrongly;
	return fake.shape.get_fails ? -1 : 0;
}

int jobacctinfo_setinfo(void *info, unsigned type, void *data, uint16_t protocol)
{
	(void)protocol;
	*total_of(info, type) = *(uint64_t *)data;
	return fake.shape.set_fails ? -1 : 0;
}

size_t slurm_xsize(void *item)
{
	(void)item;
	return fake.shape.words * sizeof(void *);
}

int slurm_list_for_each(void *list, int (*visit)(void *info, void *arg), void *arg)
{
	struct fake_list *l = list;

	for (size_t i = 0; i < l->n; i++)
		if (visit(l->infos[i], arg) < 0)
			return -1;
	return (int)l->n;
}

void jobacct_gather_handle_mem_limit(uint64_t memory, uint64_t virtual)
{
	fake.comparisons++;
	fake.compared = memory;
	fake.compared_virtual = virtual;
}

int jobacct_gather_add_task(pid_t pid, void *id, int poll)
{
	(void)pid;
	(void)id;
	return poll;
}

/* As jag_common_poll_data: the greatest of all polls, and the sum against the limit. */
static void plugin_poll(struct fake_list *list)
{
	uint64_t sum = 0;

	fake.polls++;
	for (size_t i = 0; i < list->n; i++) {
		uint64_t **arrays = arrays_of(list->infos[i]);
		uint64_t *max = arrays[MAX] + fake.shape.memory;

		if (*max == UINT64_MAX || *max < fake.raw)
			*max = fake.raw;
		arrays[MIN][fake.shape.memory] = *max;
		arrays[TOTAL][fake.shape.memory] = fake.raw;
		sum += fake.raw;
	}
	if (slurm_conf.job_acct_oom_kill)
		jobacct_gather_handle_mem_limit(sum, 0);
}

static void poll_through_table(struct fake_list *list)
{
	void (*poll)(void *, uint64_t, bool);

	memcpy(&poll, table.functions, sizeof(poll));
	poll(list, 0, true);
}

/* Slurm ends the process where there is no configuration. */
int slurm_conf_init(const char *file)
{
	if (fake.start == FAKE_NO_CONF)
		exit(1); /* NOLINT */
	if (fake.start == FAKE_HANGS)
		pause();
	return file ? -1 : 0;
}

void print_slurm_version(void)
{
	unsigned later = fake.start == FAKE_OTHER_RELEASE;

	printf("slurm-fake %u.%02u.1\n", SLURM_VERSION_MAJOR(SLURM_VERSION_NUMBER) + later,
		SLURM_VERSION_MINOR(SLURM_VERSION_NUMBER));
}

int jobacct_gather_init(void)
{
	if (fake.start == FAKE_CRASHES)
		abort();
	return fake.start == FAKE_NO_GATHERER ? -1 : 0;
}

struct fake_slurm *fake_slurm(void)
{
	if (fake.conf)
		return &fake;
	fake = (struct fake_slurm){
		.shape = FAKE_REAL_SHAPE,
		.conf = &slurm_conf,
		.table = table.functions,
		.second = table.more,
		.create = jobacctinfo_create,
		.destroy = jobacctinfo_destroy,
		.aggregate = jobacctinfo_aggregate,
		.getinfo = jobacctinfo_getinfo,
		.setinfo = jobacctinfo_setinfo,
		.size = slurm_xsize,
		.each = slurm_list_for_each,
		.arrays = arrays_of,
		.plugin_poll = plugin_poll,
		.poll = poll_through_table,
	};
	return &fake;
}

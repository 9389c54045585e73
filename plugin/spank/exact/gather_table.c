/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/gather_table.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"

enum {
	CHUNK = 512, /* pointers read at once */
	/* Pointers of the next chunk that a table may reach into. */
	OVERLAP = GATHER_FUNCTIONS - 1,
};

/* libslurmfull of 26.05 has 200 KiB of writable data. */
#define SIZE_MAX_ALL (64 * MIB)

struct search {
	void *const *functions;
	memory_read_fn *read;
	uintptr_t table;
	unsigned found;
};

static void search_chunk(struct search *s, uintptr_t start, void *const *words, size_t n)
{
	for (size_t i = 0; i + GATHER_FUNCTIONS <= n; i++) {
		if (memcmp(words + i, s->functions, GATHER_FUNCTIONS * sizeof(*words)) != 0)
			continue;
		s->table = start + i * sizeof(*words);
		s->found++;
	}
}

static int search_segment(struct search *s, uintptr_t at, size_t size)
{
	void *words[CHUNK];
	size_t skip = -at % sizeof(*words);
	size_t left = size > skip ? (size - skip) / sizeof(*words) : 0;

	at += skip;
	while (left >= GATHER_FUNCTIONS) {
		size_t n = left < CHUNK ? left : CHUNK;
		size_t step = n == left ? n : n - OVERLAP;
		int rc = s->read(at, words, n * sizeof(*words));

		if (rc)
			return rc;
		search_chunk(s, at, words, n);
		at += step * sizeof(*words);
		left -= step;
	}
	return 0;
}

int gather_table_find(const struct memory_segment *segments, size_t n,
	void *const functions[GATHER_FUNCTIONS], memory_read_fn *read, uintptr_t *table)
{
	struct search s = { .functions = functions, .read = read };
	size_t all = 0;

	for (size_t i = 0; i < GATHER_FUNCTIONS; i++)
		if (!functions[i])
			return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		int rc;

		if (segments[i].size > UINTPTR_MAX - segments[i].start)
			return -EINVAL;
		if (segments[i].size > SIZE_MAX_ALL - all)
			return -E2BIG;
		all += segments[i].size;
		rc = search_segment(&s, segments[i].start, segments[i].size);
		if (rc)
			return rc;
	}
	if (s.found != 1)
		return s.found ? -ENOTUNIQ : -ENOENT;
	*table = s.table;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search for Slurm's table of functions in memory of any content, with holes */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "plugin/spank/exact/gather_table.h"

const char fuzz_seeds[] = "fuzz/corpus/gather/*";

enum { WORDS = 1200, HOLE = 64 };

static uintptr_t words[WORDS];
static uintptr_t hole; /* the first address of HOLE bytes that cannot be read, 0 = none */

static int hostile_read(uintptr_t from, void *to, size_t size)
{
	uintptr_t begin = (uintptr_t)words, end = begin + sizeof(words);

	MUST(size && from >= begin && from < end && size <= end - from);
	if (hole && from < hole + HOLE && hole < from + size)
		return -EFAULT;
	memcpy(to, (const void *)from, size);
	return 0;
}

/* How many tables there are, word by word. */
static unsigned count(void *const functions[], uintptr_t start, size_t size, uintptr_t *first)
{
	unsigned n = 0;

	for (size_t i = 0; i + GATHER_FUNCTIONS <= WORDS; i++) {
		uintptr_t at = (uintptr_t)(words + i);

		if (at < start || at + GATHER_FUNCTIONS * sizeof(*words) > start + size ||
			memcmp(words + i, functions, GATHER_FUNCTIONS * sizeof(*words)) != 0)
			continue;
		*first = n++ ? *first : at;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *const functions[] = { (void *)1, (void *)2, (void *)1 };
	struct memory_segment segment = { (uintptr_t)words, sizeof(words) };
	uintptr_t table = 0, first = 0;
	unsigned n;
	int rc;

	if (size < 4)
		return 0;
	memset(words, 0, sizeof(words));
	segment.start += data[0];
	segment.size -= data[0] + data[1];
	hole = data[2] ? (uintptr_t)words + data[2] * 37u : 0;
	/* One byte of an input is one word: 0, 1 and 2 are likely, so tables are, too. */
	for (size_t i = 0; i < size - 4; i++)
		words[(i + data[3] * 4u) % WORDS] = data[i + 4] % 4;
	n = count(functions, segment.start, segment.size, &first);
	rc = gather_table_find(&segment, 1, functions, hostile_read, &table);
	MUST(rc == 0 || rc == -ENOENT || rc == -ENOTUNIQ || (hole && rc == -EFAULT));
	MUST(rc != 0 || (n == 1 && table == first));
	MUST(rc != -ENOENT || n == 0);
	MUST(rc != -ENOTUNIQ || n > 1);
	return 0;
}

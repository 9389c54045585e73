/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The proof of Slurm's layout of a task's figures, with a Slurm that makes specimens of any content.
 * Each must be refused without a read or write outside of what Slurm allocated.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "plugin/spank/exact/jobacct_layout.h"

const char fuzz_seeds[] = "fuzz/corpus/layout/*";

enum { POINTERS = 40, ARRAYS = 16, VALUES = 8, SPECIMENS = 2 };

struct specimen {
	uintptr_t words[POINTERS];
	uint64_t arrays[ARRAYS][VALUES];
};

static struct specimen specimens[SPECIMENS];
static unsigned made, destroyed;
static const uint8_t *answers;
static size_t answers_n;

/* The next byte of the input, 0 behind its end. */
static uint8_t answer(void)
{
	if (!answers_n)
		return 0;
	answers_n--;
	return *answers++;
}

/* An object of Slurm's with pointers to its arrays from some word on, as the input has it. */
static void *create(void *id)
{
	struct specimen *s = &specimens[made % SPECIMENS];
	const uint32_t *ids = id;
	unsigned start = answer() % POINTERS, changes = answer() % 8;

	MUST(made++ < SPECIMENS);
	memset(s, 0, sizeof(*s));
	for (unsigned a = 0; a < ARRAYS; a++) {
		const uint64_t fill[] = { UINT64_MAX, ids[1], ids[0], UINT64_MAX, ids[1], ids[0],
			UINT64_MAX };

		for (unsigned i = 0; i < VALUES; i++)
			s->arrays[a][i] = fill[a % 7];
		if (start + a < POINTERS)
			s->words[start + a] = (uintptr_t)s->arrays[a];
	}
	while (changes--) {
		unsigned at = answer() % POINTERS, to = answer();

		s->words[at] = to < 128 ? (uintptr_t)s->arrays[to % ARRAYS] : to;
	}
	return answer() == 255 ? NULL : s;
}

static void destroy(void *info)
{
	MUST(info == &specimens[0] || info == &specimens[1]);
	destroyed++;
}

static size_t size_of(void *info)
{
	(void)info;
	return (size_t)(POINTERS - answer() % 8) * sizeof(uintptr_t);
}

static void aggregate(void *to, void *from)
{
	struct specimen *a = to, *b = from;

	for (unsigned i = answer() % 4; i; i--) {
		unsigned array = answer() % ARRAYS, value = answer() % VALUES;

		a->arrays[array][value] = b->arrays[answer() % ARRAYS][value];
	}
}

static int getinfo(void *info, unsigned type, void *data, uint16_t protocol)
{
	struct specimen *s = info;

	(void)type;
	(void)protocol;
	memcpy(data, &s->arrays[answer() % ARRAYS][answer() % VALUES], sizeof(uint64_t));
	return answer() == 255 ? -1 : 0;
}

static int setinfo(void *info, unsigned type, void *data, uint16_t protocol)
{
	struct specimen *s = info;

	(void)type;
	(void)protocol;
	memcpy(&s->arrays[answer() % ARRAYS][answer() % VALUES], data, sizeof(uint64_t));
	return answer() == 255 ? -1 : 0;
}

static bool is_ours(uintptr_t at, size_t size)
{
	uintptr_t begin = (uintptr_t)specimens, end = begin + sizeof(specimens);

	return at >= begin && at < end && size <= end - at;
}

static int hostile_read(uintptr_t from, void *to, size_t size)
{
	if (!is_ours(from, size))
		return -EFAULT;
	memcpy(to, (const void *)from, size);
	return 0;
}

static int hostile_write(uintptr_t to, const void *from, size_t size)
{
	if (!is_ours(to, size))
		return -EFAULT;
	memcpy((void *)to, from, size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct jobacct_api api = { create, destroy, aggregate, getinfo, setinfo, size_of,
		NULL };
	struct jobacct_layout layout = { 0 };
	const char *why = NULL;
	int rc;

	answers = data;
	answers_n = size;
	made = destroyed = 0;
	rc = jobacct_layout_learn(&api, hostile_read, hostile_write, &layout, &why);
	MUST(rc == 0 || rc == -ENOTSUP || rc == -ENOMEM);
	MUST(rc == 0 || (why && *why && !layout.max));
	MUST(destroyed <= made);
	if (rc == 0)
		MUST(layout.total + sizeof(uintptr_t) <= sizeof(specimens[0].words));
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private memory whose RSS says too much, too little, or the wrong moment. */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The allocators of Go, jemalloc and mimalloc give pages back lazily: they stay in RSS. */
static void lazy_free(void)
{
	enum { CHUNKS = 8, KEPT = 2 };
	const size_t chunk = 16 * MIB;
	char *memory = anonymous(CHUNKS * chunk);

	/* Chunk by chunk, so that never more than the kept ones is in use. */
	for (size_t i = 0; i < CHUNKS; i++) {
		fill(memory + i * chunk, chunk);
		if (i < CHUNKS - KEPT && madvise(memory + i * chunk, chunk, MADV_FREE) < 0)
			shape_cannot("MADV_FREE");
	}
	shape_stage();
}

static char *dataset;

static void write_each_page(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t at = 0; at < bytes; at += page)
		((volatile char *)dataset)[at]++;
}

/* Neither RSS nor any other counter of the processes changes while the pages are copied. */
static void copied_on_write(void)
{
	enum { WORKERS = 5 };
	const size_t bytes = 32 * MIB;

	dataset = shape_private(bytes);
	shape_stage();
	for (int i = 0; i < WORKERS; i++)
		children_fork(write_each_page, bytes);
	children_wait(WORKERS);
	shape_stage();
}

/* Equal addresses make unrelated processes look like forked ones. */
static void equal_addresses(void)
{
	enum { RANKS = 8 };

	for (int i = 0; i < RANKS; i++)
		children_execute(40 * MIB);
	children_wait(RANKS);
	shape_stage();
}

/* The step is over before a careful accountant has read the PSS of all. */
static void equal_and_short(void)
{
	enum { RANKS = 12 };

	for (int i = 0; i < RANKS; i++)
		children_execute(24 * MIB);
	children_wait(RANKS);
	nap(0.6);
}

static size_t own_smaps(const char *key)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	size_t length = strlen(key), kib, total = 0;
	char line[512];

	if (!file)
		err(EXIT_FAILED, "/proc/self/smaps");
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, length) && sscanf(line + length, "%zu", &kib) == 1)
			total += kib * KIB;
	fclose(file);
	return total;
}

/* One byte written takes a whole huge page, where the kernel grants one. */
static void sparse_huge_pages(void)
{
	const size_t bytes = 64 * MIB, huge = 2 * MIB;
	char *area = anonymous(bytes + huge);

	area += huge - (uintptr_t)area % huge;
	if (madvise(area, bytes, MADV_HUGEPAGE) < 0)
		shape_cannot("MADV_HUGEPAGE");
	for (size_t at = 0; at < bytes; at += huge)
		area[at] = 1;
	shape_stage_with("{\"huge\":%zu}", own_smaps("AnonHugePages:"));
}

static size_t number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t number = 0;

	if (!file)
		shape_cannot(path);
	if (fscanf(file, "%zu", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

/* Each page differs from the others and is the same in all processes. */
static void mergeable(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = anonymous(bytes);

	if (madvise(memory, bytes, MADV_MERGEABLE) < 0)
		err(EXIT_FAILED, "MADV_MERGEABLE");
	for (size_t at = 0; at < bytes; at += page) {
		memset(memory + at, (int)(at / page % 251), page);
		memcpy(memory + at, &at, sizeof(at));
	}
}

#define KSM "/sys/kernel/mm/ksm/"
#define MERGE_SECONDS 20

/* One virtual machine after the other, so that never more than one is unmerged. */
static void merged(void)
{
	enum { MACHINES = 4 };
	const size_t bytes = 16 * MIB, page = (size_t)sysconf(_SC_PAGESIZE);
	size_t before = number_in(KSM "pages_sharing"), wanted;
	double deadline = now() + MERGE_SECONDS;

	if (number_in(KSM "run") != 1)
		shape_skip("KSM is off");
	for (size_t i = 0; i < MACHINES; i++) {
		children_fork(mergeable, bytes);
		children_wait(1);
		wanted = before + i * bytes / page * 99 / 100;
		for (; number_in(KSM "pages_sharing") < wanted; nap(0.01))
			if (now() > deadline)
				shape_skip("KSM has not merged the pages in time");
	}
	shape_stage_with("{\"merged\":%zu}", (number_in(KSM "pages_sharing") - before) * page);
}

/* What nobody sees who looks once a second; VmHWM of the process keeps it. */
static void spike(void)
{
	const size_t bytes = 200 * MIB;
	void *memory;

	shape_private(16 * MIB);
	shape_stage();
	memory = shape_private(bytes);
	munmap(memory, bytes);
	shape_stage();
}

/* Nothing in /proc knows it afterwards; a cgroup does. */
static void spike_of_a_memfd(void)
{
	const size_t bytes = 200 * MIB;

	shape_private(16 * MIB);
	shape_stage();
	close(shape_memfd(bytes));
	shape_stage();
}

/* Over before anybody has looked. */
static void short_command(void)
{
	shape_private(48 * MIB);
}

static void plain(void)
{
	shape_private(157 * MIB);
	shape_stage();
}

const struct shape private_shapes[] = {
	{ "lazy-free", "Go, jemalloc, mimalloc: MADV_FREE", lazy_free },
	{ "copied-on-write", "PyTorch's DataLoader: reference counts copy the dataset",
		copied_on_write },
	{ "equal-addresses", "MPI ranks under setarch -R", equal_addresses },
	{ "equal-and-short", "MPI ranks under setarch -R that end early", equal_and_short },
	{ "sparse-huge-pages", "Redis: a byte written takes a huge page", sparse_huge_pages },
	{ "merged", "virtual machines with KSM", merged },
	{ "spike", "a solver's short peak", spike },
	{ "spike-of-a-memfd", "a message that passes through a memfd", spike_of_a_memfd },
	{ "short", "a command that ends at once", short_command },
	{ "plain", "one process, private memory alone", plain },
	{ 0 },
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hides memory behind a chase: small shared mappings appear ahead of whoever walks through the
 * mappings from low addresses to high ones, and vanish behind. The memory lies above all of them,
 * and comes when the chase is on. To build it alone: cc -O2 -o chase chase.c common.c
 */
#include "common.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* A page is mapped, the next one is not: otherwise the kernel would make one mapping of them all. */
enum { WINDOW = 20000, CLOCK_EVERY = 256 };

static const uintptr_t chase_begin = 0x10000000000, chase_end = 0x600000000000;

static struct {
	size_t shared;
	double seconds;
} o = { .shared = 200 * MIB, .seconds = 4 };

static const struct option_spec specs[] = {
	{ "shared", "MIB", "shared memory to hide", .count = &o.shared, .min = 1, .max = MAX_MIB,
		.unit = MIB },
	{ "seconds", "SECONDS", "how long; the memory comes after a quarter of it",
		.seconds = &o.seconds, .max = MAX_SECONDS },
	{ 0 },
};

static void map_at(uintptr_t address, size_t bytes)
{
	/* An address in the middle of nowhere: nothing of ours is there. */
	if (mmap((void *)address, bytes, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
		err(EXIT_FAILED, "mmap");
}

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), mapped = 0;
	uintptr_t ahead = chase_begin, behind = chase_begin;
	double begin = now();
	int hidden = 0;

	options_parse(argc, argv, "Memory behind mappings that never end.", specs);
	for (; ahead < chase_end; ahead += 2 * page, mapped++) {
		double elapsed;

		map_at(ahead, page);
		if (mapped >= WINDOW) {
			munmap((void *)behind, page);
			behind += 2 * page;
		}
		if (mapped % CLOCK_EVERY)
			continue;
		elapsed = now() - begin;
		if (elapsed > o.seconds)
			break;
		if (!hidden && mapped >= WINDOW && elapsed > o.seconds / 4) {
			map_at(chase_end, o.shared);
			fill((void *)chase_end, o.shared);
			hidden = 1;
		}
	}
	printf("{\"mappings\":%zu}\n", mapped);
	return hidden ? 0 : EXIT_FAILED;
}

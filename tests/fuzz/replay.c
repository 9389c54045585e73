/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a harness without libFuzzer over files: each as it is, cut at each of the first CUTS
 * lengths, and with pseudo-random changes that are the same at each run. Arguments are files;
 * without any the harness's own seeds are taken.
 */
#include <glob.h>
#include <string.h>

#include "fuzz.h"

enum { SIZE = 64 * 1024, CHANGES = 1500, CUTS = 1500 };

static uint32_t random_state = 2463534242;

static uint32_t random_below(size_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return n ? random_state % (uint32_t)n : 0;
}

/* A copy without a byte to spare, so that sanitizers see who reads on. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	MUST(copy);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static size_t change(uint8_t *data, size_t size)
{
	static const char *const pieces[] = {
		"18446744073709551615",
		"18446744073709551616",
		"-1",
		"0",
		"(",
		")",
		":",
		" ",
		"\n",
		"\t",
		"\377",
		" kB\n",
		"Uid:\t1\n",
		"Rss: 1 kB\n",
		"VmFlags: rd\n",
		"%",
		"G",
		"ms",
		".",
		" (deleted)",
		"/SYSV",
		"/plasma",
		"ffffffffffffffff",
		",",
		"=",
		"@",
	};
	size_t at = random_below(size + 1), n, len;
	const char *piece;

	switch (random_below(5)) {
	case 0: /* one byte */
		if (at < size)
			data[at] = (uint8_t)random_below(256);
		return size;
	case 1: /* one bit */
		if (at < size)
			data[at] ^= (uint8_t)(1u << random_below(8));
		return size;
	case 2: /* some less */
		n = random_below(size - at + 1);
		n = n > 40 ? n % 40 : n;
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 3: /* a piece more */
		piece = pieces[random_below(sizeof(pieces) / sizeof(*pieces))];
		len = strlen(piece);
		memmove(data + at + len, data + at, size - at);
		memcpy(data + at, piece, len);
		return size + len;
	default: /* a part of itself over another */
		n = random_below(size - at + 1);
		memmove(data + at, data + random_below(size - n + 1), n);
		return size;
	}
}

static void replay(const char *path)
{
	static uint8_t seed[SIZE], data[SIZE + 8 * 64];
	FILE *f = fopen(path, "r");
	size_t size;

	MUST(f);
	size = fread(seed, 1, SIZE, f);
	fclose(f);
	run(seed, size);
	for (size_t cut = 0; cut < size && cut < CUTS; cut++)
		run(seed, cut);
	for (int i = 0; i < CHANGES; i++) {
		size_t n = size;

		memcpy(data, seed, size);
		for (uint32_t times = 1 + random_below(8); times; times--)
			n = change(data, n);
		run(data, n);
	}
}

int main(int argc, char **argv)
{
	char *seeds = strdup(fuzz_seeds), *save, pattern[4096];
	size_t files = 0;
	glob_t g;

	MUST(seeds);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	for (char *p = argc > 1 ? NULL : strtok_r(seeds, ":", &save); p;
		p = strtok_r(NULL, ":", &save)) {
		/* A pattern without files is a corpus that went missing. */
		snprintf(pattern, sizeof(pattern), TESTS "/%s", p);
		MUST(glob(pattern, 0, NULL, &g) == 0);
		for (size_t i = 0; i < g.gl_pathc; i++, files++)
			replay(g.gl_pathv[i]);
		globfree(&g);
	}
	free(seeds);
	printf("%zu seeds\n", files);
	return 0;
}

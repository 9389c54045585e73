/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the harnesses have in common. Each harness defines LLVMFuzzerTestOneInput() and fuzz_seeds.
 * replay.c runs it over its seeds; libFuzzer searches for more (tests/fuzz/run).
 */
#ifndef RAYPSS_FUZZ_H
#define RAYPSS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Patterns of glob(3) for files with seeds, from tests/, with ":" between them. */
extern const char fuzz_seeds[];

/* What must hold for any input; also where NDEBUG is set. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The input as text with a NUL, without a byte to spare behind it; to be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Whether the text ends within size, and all of it is printable ASCII. */
bool fuzz_is_clean(const char *text, size_t size);

/*
 * Lays the input over memory as patches: two bytes of offset and one of length, then that many
 * bytes. Offsets count units of unit bytes, so that they reach every part of a large struct.
 */
void fuzz_patch(void *memory, size_t memory_size, size_t unit, const uint8_t *data, size_t size);

/* A directory of this process, made on a tmpfs at the first call and empty then: a descriptor. */
int fuzz_directory(void);

/* Makes a file of this content in the directory. */
void fuzz_file(int dir, const char *name, const void *data, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the harnesses have in common. replay.c runs them over files, libFuzzer searches. */
#ifndef RAYPSS_FUZZ_H
#define RAYPSS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Patterns of the files that replay.c takes, below tests/; behind the last is NULL. */
extern const char *const fuzz_seeds[];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input; also where NDEBUG is set. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/environ: a process that wants to be, or not to be, a member of a step */
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/environ_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/environ/*";

/* The same without memchr and memcmp, byte by byte. */
static bool expected(const char *env, size_t len, const char *text, bool whole)
{
	for (size_t i = 0; i < len; i++) {
		size_t n = 0;

		if (i && env[i - 1])
			continue;
		while (text[n] && i + n < len && env[i + n] == text[n])
			n++;
		if (!text[n] && (!whole || (i + n < len && !env[i + n])))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const texts[] = { "SLURM_JOB_ID=7", "SLURM_STEP_ID=", "A" };
	const char *env = (const char *)data;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (int whole = 0; whole < 2; whole++)
			MUST(environ_has(env, size, texts[i], whole) ==
				expected(env, size, texts[i], whole));
	return 0;
}

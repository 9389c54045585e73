/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/smaps and smaps_rollup */
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/pid_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/smaps/*:fixtures/*/smaps_rollup:fixtures/*/smaps";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smaps once = { 0 }, twice;

	if (smaps_add((const char *)data, size, &once)) {
		MUST(!once.rss && !once.pss && !once.uss && !once.pss_anon);
		return 0;
	}
	MUST(!once.rss || memmem(data, size, "Rss:", 4));
	/* It adds: whatever is there already. */
	twice = once;
	MUST(smaps_add((const char *)data, size, &twice) == 0);
	MUST(twice.rss == 2 * once.rss && twice.pss == 2 * once.pss && twice.uss == 2 * once.uss);
	MUST(twice.pss_anon == 2 * once.pss_anon);
	return 0;
}

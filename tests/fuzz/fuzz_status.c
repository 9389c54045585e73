/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/status */
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/pid_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/status/*:fixtures/*/status";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pid_status untouched = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct pid_status s = untouched;
	uint64_t caught = 1;

	if (pid_status_caught((const char *)data, size, &caught))
		MUST(caught == 1);
	else
		MUST(memmem(data, size, "SigCgt:", 7));

	if (pid_status_parse((const char *)data, size, &s)) {
		MUST(s.uid == untouched.uid && s.pte == untouched.pte && s.swap == untouched.swap);
		return 0;
	}
	MUST(memmem(data, size, "Uid:", 4));
	/* The kernel counts in KiB. */
	MUST(!(s.rss_anon % 1024) && !(s.rss_file % 1024) && !(s.rss_shmem % 1024));
	MUST(!(s.pte % 1024) && !(s.swap % 1024) && !(s.locked % 1024));
	MUST(!s.pte || memmem(data, size, "VmPTE:", 6));
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/statm */
#include "fuzz.h"
#include "measure/procfs/pid_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/statm/*:fixtures/*/statm";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pid_statm s = { 1, 2, 3 }, again;
	char text[80];
	int n;

	if (pid_statm_parse((const char *)data, size, &s)) {
		MUST(s.size == 1 && s.resident == 2 && s.shared == 3);
		return 0;
	}
	/* Written again, it reads the same. */
	n = snprintf(text, sizeof(text), "%ju %ju %ju", (uintmax_t)s.size, (uintmax_t)s.resident,
		(uintmax_t)s.shared);
	MUST(pid_statm_parse(text, (size_t)n, &again) == 0);
	MUST(again.size == s.size && again.resident == s.resident && again.shared == s.shared);
	return 0;
}

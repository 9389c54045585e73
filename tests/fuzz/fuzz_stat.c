/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/stat */
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/pid_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/stat/*:fixtures/*/stat";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *open = memchr(text, '(', size), *close = memrchr(text, ')', size);
	struct pid_stat s;
	char start[24];

	if (pid_stat_parse(text, size, &s))
		return 0;
	MUST(open && close && open < close);
	MUST(strnlen(s.comm, sizeof(s.comm)) < sizeof(s.comm));
	MUST(strlen(s.comm) <= (size_t)(close - open - 1));
	MUST(!memcmp(s.comm, open + 1, strlen(s.comm)));
	snprintf(start, sizeof(start), "%ju", (uintmax_t)s.start);
	MUST(memmem(close, (size_t)(text + size - close), start, strlen(start)));
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/stat
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ilib tests/fuzz/fuzz_stat.c \
 *         lib/measure/procfs/pid_parse.c lib/base/digits.c -o fuzz_stat -lm &&
 * mkdir -p new && ./fuzz_stat -max_len=512 new tests/fuzz/corpus/stat
 */
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/pid_parse.h"

const char *const fuzz_seeds[] = { "fuzz/corpus/stat/*", "fixtures/*/stat", NULL };

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

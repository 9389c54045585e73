/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/maps */
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/maps_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/maps/*:fixtures/*/maps";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *pos = (const char *)data, *end = pos + size;
	struct mapping m;
	int rc;

	for (const char *line = pos; (rc = maps_next(&pos, end, &m)) != 0; line = pos) {
		MUST(pos > line && pos <= end && pos[-1] == '\n');
		MUST(!memchr(line, '\n', (size_t)(pos - line - 1)));
		if (rc < 0)
			continue;
		MUST(m.start <= m.end);
		MUST(strnlen(m.path, sizeof(m.path)) < sizeof(m.path));
		MUST(!mapping_is_plasma(&m) || strstr(m.path, "/plasma"));
		MUST(!mapping_is_sysv(&m) || strstr(m.path, "/SYSV") == m.path);
		MUST(mapping_has_file(&m) == (m.dev || m.ino));
	}
	MUST(!memchr(pos, '\n', (size_t)(end - pos)));
	return 0;
}

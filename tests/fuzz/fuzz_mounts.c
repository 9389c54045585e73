/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of /proc/PID/mountinfo, and the mount in /proc/PID/fdinfo */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "measure/procfs/mount_parse.h"

const char fuzz_seeds[] = "fuzz/corpus/mounts/*:fixtures/*/mountinfo";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *pos = text, *end = text + size;
	struct mount_line line;
	uint64_t id;
	int rc;

	for (const char *begin = pos; (rc = mount_line_next(&pos, end, &line)) != 0; begin = pos) {
		MUST(pos > begin && pos <= end && pos[-1] == '\n');
		MUST(rc == 1 || rc == -EINVAL);
		if (rc < 0)
			continue;
		MUST(strnlen(line.type, MOUNT_TYPE) < MOUNT_TYPE);
		MUST(memmem(begin, (size_t)(pos - begin), " - ", 3));
		MUST(memmem(begin, (size_t)(pos - begin), line.type, strlen(line.type)));
	}
	if (mount_of_fdinfo(text, size, &id) == 0)
		MUST(memmem(text, size, "mnt_id:\t", 8));
	return 0;
}

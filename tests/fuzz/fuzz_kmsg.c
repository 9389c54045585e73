/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of /dev/kmsg, one a line */
#include <string.h>

#include "fuzz.h"
#include "measure/cgroup/kmsg.h"
#include "measure/sample.h"

const char fuzz_seeds[] = "fuzz/corpus/kmsg/*:fixtures/*/kmsg";

static void record(const char *data, size_t size)
{
	static struct kmsg_oom oom;

	if (kmsg_oom_parse(data, size, &oom))
		return;
	MUST(oom.kind == KMSG_OTHER || oom.kind == KMSG_GROUP || oom.pid > 0);
	MUST(memchr(oom.oom_memcg, '\0', sizeof(oom.oom_memcg)));
	MUST(memchr(oom.task_memcg, '\0', sizeof(oom.task_memcg)));
	MUST(memchr(oom.name, '\0', sizeof(oom.name)));
	for (const char *p = oom.name; *p; p++)
		MUST(*p >= 0x20 && *p < 0x7f);
	MUST(oom.anon == UNKNOWN || !(oom.anon % 1024));
	MUST(oom.kind != KMSG_KILLED || memmem(data, size, "ut of memory", 12));
	MUST(oom.kind != KMSG_KILLED || (oom.anon != UNKNOWN && oom.shmem != UNKNOWN));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = (const char *)bytes, *end = data + size;

	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *e = newline ? newline + 1 : end;

		record(data, (size_t)(e - data));
		data = e;
	}
	return 0;
}

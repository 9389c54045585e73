/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.stat, memory.events, memory.pressure, cgroup.procs, /proc/PID/cgroup and a mount
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ilib tests/fuzz/fuzz_cgroup.c \
 *         lib/measure/cgroup/cgroup_parse.c lib/base/digits.c -o fuzz_cgroup &&
 * mkdir -p new && ./fuzz_cgroup -max_len=8192 new tests/fixtures/linux-6.1
 */
#include <string.h>

#include "fuzz.h"
#include "measure/cgroup/cgroup_parse.h"
#include "measure/sample.h"

const char *const fuzz_seeds[] = { "fixtures/*/memory.*", "fixtures/*/cgroup*",
	"fixtures/*/mountinfo", NULL };

static void group(const char *data, size_t size, const char *controller)
{
	char path[100];

	if (proc_cgroup_parse(data, size, controller, path, sizeof(path)))
		return;
	MUST(path[0] == '/' && memchr(path, '\0', sizeof(path)));
	MUST(memmem(data, size, path, strlen(path)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = (const char *)bytes, *pos = data, *end = data + size;
	static struct mountinfo mount;
	struct look_numa nodes[2];
	struct memory_events events;
	struct pressure pressure;
	struct memory_stat stat;
	uint64_t number;
	pid_t pid;
	int rc;

	if (cgroup_stat_parse(data, size, &stat) == 0) {
		MUST(stat.anon == UNKNOWN || memmem(data, size, "anon ", 5));
		MUST(stat.kernel == UNKNOWN || cgroup_stat_kernel(&stat) <= stat.kernel);
	}
	if (cgroup_events_parse(data, size, &events) == 0)
		MUST(events.oom_kill == UNKNOWN || memmem(data, size, "oom_kill ", 9));
	rc = cgroup_numa_parse(data, size, nodes, 2);
	MUST(rc <= 2 && (rc <= 0 || memmem(data, size, " N", 2)));
	if (pressure_parse(data, size, &pressure) == 0)
		MUST(memmem(data, size, "total=", 6));
	if (cgroup_number_parse(data, size, &number) == 0)
		MUST(end[-1] == '\n');
	group(data, size, NULL);
	group(data, size, "memory");
	if (mountinfo_parse(data, size, &mount) == 0)
		MUST(*mount.root && *mount.point && *mount.type);
	while ((rc = cgroup_procs_next(&pos, end, &pid)) != 0) {
		MUST(pos > data && pos <= end && pos[-1] == '\n');
		MUST(rc < 0 || pid >= 0);
	}
	return 0;
}

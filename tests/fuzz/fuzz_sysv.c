/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/sysvipc/shm: two bytes name the segment that is looked for, the rest is the list */
#include <sys/stat.h>

#include "fuzz.h"
#include "measure/procfs/sysv.h"

const char fuzz_seeds[] = "fuzz/corpus/sysv/*";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t now;
	struct sysv list = { 0 };
	uint64_t bytes = 1, again = 2, id;
	int proc = fuzz_directory();
	bool found;

	if (size < 2)
		return 0;
	id = (uint64_t)data[0] << 8 | data[1];
	mkdirat(proc, "sysvipc", 0700);
	fuzz_file(proc, "sysvipc/shm", data + 2, size - 2);
	found = sysv_bytes(&list, proc, ++now, id, &bytes);
	MUST(list.n <= list.capacity);
	for (unsigned i = 1; i < list.n; i++)
		MUST(list.segments[i - 1].id <= list.segments[i].id);
	for (unsigned i = 0; i < list.n; i++)
		found |= list.segments[i].id == id;
	MUST(found == sysv_bytes(&list, proc, now, id, &again));
	MUST(!found || bytes == again);
	sysv_clear(&list);
	return 0;
}

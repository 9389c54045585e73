/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a step is named: its control group's path, and the enclosing step in the environment */
#include <string.h>

#include "fuzz.h"
#include "plugin/common/enclosing_step.h"
#include "plugin/common/step_cgroup.h"

const char fuzz_seeds[] = "fuzz/corpus/step/*";

static void group_check(const char *path, int version)
{
	static struct step_cgroup s;
	size_t n;

	if (step_cgroup_parse(version, path, &s))
		return;
	n = strlen(s.job);
	MUST(s.version == version && n && strlen(s.group) < sizeof(s.group));
	/* The job's group is above the step's, and both are above the process. */
	MUST(!strncmp(path, s.job, n) && !strncmp(s.group, s.job, n) && s.group[n] == '/');
	MUST(!strncmp(s.group + n, "/step_", 6));
	MUST(version == 1 || !strcmp(s.group + strlen(s.group) - 5, "/user"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	group_check(text, 1);
	group_check(text, 2);
	if (enclosing_step_is_of_job(text, 7))
		MUST(!strcmp(text, "7.batch") || !strcmp(text, "7.interactive"));
	free(text);
	return 0;
}

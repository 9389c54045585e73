/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/step_cgroup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool component_is(const char *p, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(p, name, n) && (p[n] == '/' || p[n] == '\0');
}

static const char *component_end(const char *p)
{
	return p + strcspn(p, "/");
}

/* Whether the name of a step's group begins at p, which is behind a slash. */
static bool is_step(int version, const char *path, const char *p)
{
	const char *next = component_end(p), *job = p - 1;

	if (strncmp(p, "step_", 5) || next - p == 5)
		return false;
	if (version == 2)
		return *next == '/' &&
			(component_is(next + 1, "slurm") || component_is(next + 1, "user"));
	while (job > path && job[-1] != '/')
		job--;
	return !strncmp(job, "job_", 4);
}

int step_cgroup_parse(int version, const char *path, struct step_cgroup *out)
{
	const char *step = NULL;
	size_t n;

	/* Take the last one: a whole Slurm may run inside a job of another Slurm. */
	for (const char *p = path; *p; p++)
		if (p[0] == '/' && is_step(version, path, p + 1))
			step = p + 1;
	if (!step || step - path < 2 || strlen(path) + sizeof("/user") > sizeof(out->group))
		return -ENOENT;
	out->version = version;
	n = (size_t)(component_end(step) - path);
	snprintf(out->group, sizeof(out->group), "%.*s%s", (int)n, path,
		version == 2 ? "/user" : "");
	snprintf(out->job, sizeof(out->job), "%.*s", (int)(step - 1 - path), path);
	return 0;
}

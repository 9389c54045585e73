/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/step_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "measure/cgroup/cgroup_tree.h"

/* slurmd makes it beside the jobs of a node (v2). */
#define SYSTEM_GROUP "system"

static bool component_is(const char *p, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(p, name, n) && (p[n] == '/' || p[n] == '\0');
}

static const char *component_end(const char *p)
{
	return p + strcspn(p, "/");
}

/* Whether a step's directory stands at p, which is behind a slash. */
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

	/* The last: a whole Slurm may run inside a job of another. */
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

static int find(const char *proc_root, const char *controller, pid_t pid, struct step_cgroup *out)
{
	struct cgroup_tree tree;
	char path[PATH_MAX];
	int rc = cgroup_tree_find(proc_root, controller, &tree);

	if (!rc)
		rc = cgroup_tree_group(&tree, proc_root, pid, path, sizeof(path));
	if (!rc)
		rc = step_cgroup_parse(tree.version, path, out);
	if (!rc)
		rc = cgroup_tree_directory(&tree, out->group, out->dir, sizeof(out->dir));
	if (!rc)
		rc = cgroup_tree_directory(&tree, out->job, out->job_dir, sizeof(out->job_dir));
	return rc;
}

int step_cgroup_find(const char *proc_root, pid_t pid, struct step_cgroup *out)
{
	int rc;

	/* In v1 the freezer holds what proctrack tracks; the memory controller is task/cgroup's. */
	rc = find(proc_root, "freezer", pid, out);
	if (rc || out->version != 1)
		rc = find(proc_root, "memory", pid, out);
	if (rc)
		out->version = 0;
	return rc;
}

int step_cgroup_use(const struct step_cgroup *s, struct accountant *a, pid_t stepd)
{
	bool v2 = s->version == 2;

	/* In v1 slurmstepd itself may sit among its tasks. */
	return accountant_use_cgroup(a, s->dir, v2 ? s->job_dir : NULL, v2 ? 0 : stepd);
}

int step_cgroup_leave(const struct step_cgroup *s)
{
	char path[PATH_MAX];
	const char *slash = strrchr(s->job_dir, '/');
	int fd, rc = 0;

	if (s->version != 2 || !slash)
		return -ENOENT;
	if ((size_t)snprintf(path, sizeof(path), "%.*s/" SYSTEM_GROUP "/cgroup.procs",
		    (int)(slash - s->job_dir), s->job_dir) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "0", 1) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "measure/cgroup/cgroup_tree.h"

/* slurmd makes this group beside the jobs of a node (v2). */
#define SYSTEM_GROUP "system"

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

int step_group_find(const char *proc_root, pid_t pid, struct step_cgroup *out)
{
	int rc;

	/* In v1 proctrack/cgroup has the freezer, and task/cgroup has the memory controller. */
	rc = find(proc_root, "freezer", pid, out);
	if (rc || out->version != 1)
		rc = find(proc_root, "memory", pid, out);
	if (rc)
		out->version = 0;
	return rc;
}

int step_group_leave(const struct step_cgroup *s)
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

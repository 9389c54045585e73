/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/cgroup_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "base/procfile.h"
#include "measure/cgroup/cgroup_parse.h"

#ifdef HAVE_LIBCGROUP
#include <libcgroup.h>
#endif

enum { CGROUP_SIZE = 64 * 1024 }; /* /proc/PID/cgroup: v1 has a dozen paths in it */

/*
 * libcgroup knows the mounts. It says nothing of a mount's root, and libcgroup 2 has no public
 * function that tells the version (cgroup_setup_mode came with 3); its
 * cgroup_get_current_controller_path finds no v2 group (2.0.2). These are asked of the kernel.
 */
#ifdef HAVE_LIBCGROUP
static int mount_point_find(const char *controller, char *point, size_t size)
{
	char *found = NULL;
	int rc;

	if (cgroup_init() || cgroup_get_subsys_mount_point(controller, &found))
		return -ENOENT;
	rc = strlen(found) < size ? 0 : -ENAMETOOLONG;
	if (!rc)
		strcpy(point, found);
	free(found);
	return rc;
}
#else
/* mount_read() takes the first mount of v2. */
static int mount_point_find(const char *controller, char *point, size_t size)
{
	(void)controller;
	(void)point;
	(void)size;
	return -ENOENT;
}
#endif

/* Completes the tree from the mount at its point, or from the first v2 where it has none. */
static int mount_read(const char *proc_root, struct cgroup_tree *t)
{
	char path[PATH_MAX], *line = NULL;
	struct mountinfo *m = malloc(sizeof(*m));
	int rc = m ? -ENOENT : -ENOMEM;
	size_t room = 0;
	ssize_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/self/mountinfo", proc_root);
	f = m ? fopen(path, "re") : NULL;
	if (m && !f)
		rc = -errno;
	while (f && (n = getline(&line, &room, f)) > 0) {
		if (mountinfo_parse(line, (size_t)n, m))
			continue;
		if (*t->point ? strcmp(m->point, t->point) : rc == 0 || strcmp(m->type, "cgroup2"))
			continue;
		/* Of several mounts at one place the last one is seen. */
		strcpy(t->root, m->root);
		t->version = strcmp(m->type, "cgroup2") ? 1 : 2;
		rc = 0;
		if (!*t->point) {
			strcpy(t->point, m->point);
			break;
		}
	}
	if (f)
		fclose(f);
	free(line);
	free(m);
	return rc;
}

int cgroup_tree_find(const char *proc_root, const char *controller, struct cgroup_tree *out)
{
	*out = (struct cgroup_tree){ 0 };
	snprintf(out->controller, sizeof(out->controller), "%s", controller);
	if (mount_point_find(controller, out->point, sizeof(out->point)))
		out->point[0] = '\0';
	return mount_read(proc_root, out);
}

int cgroup_tree_group(
	const struct cgroup_tree *t, const char *proc_root, pid_t pid, char *group, size_t size)
{
	char path[PATH_MAX], *buf = malloc(CGROUP_SIZE);
	ssize_t n;
	int rc;

	if (!buf)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/%d/cgroup", proc_root, pid);
	n = procfile_read(AT_FDCWD, path, buf, CGROUP_SIZE);
	rc = n < 0 ? (int)n
		   : proc_cgroup_parse(
			     buf, (size_t)n, t->version == 2 ? NULL : t->controller, group, size);
	free(buf);
	return rc;
}

int cgroup_tree_directory(const struct cgroup_tree *t, const char *group, char *dir, size_t size)
{
	size_t n = strcmp(t->root, "/") ? strlen(t->root) : 0;

	if (strncmp(group, t->root, n) || (n && group[n] != '/' && group[n] != '\0'))
		return -ENOENT;
	if ((size_t)snprintf(dir, size, "%s%s", t->point, group + n) >= size)
		return -ENAMETOOLONG;
	return 0;
}

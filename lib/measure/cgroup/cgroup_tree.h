/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the control groups of this machine are: which version accounts memory, and its directory. */
#ifndef RAYPSS_CGROUP_TREE_H
#define RAYPSS_CGROUP_TREE_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct cgroup_tree {
	int version; /* 1 or 2 */
	char controller[32]; /* of v1 */
	char point[PATH_MAX]; /* where it is mounted */
	char root[PATH_MAX]; /* the group that stands there: "/" but for some containers */
};

/*
 * Finds the hierarchy that has the controller ("memory"). If none has the controller, takes a v2
 * hierarchy without it, whose groups still list their processes. 0, -ENOENT or -errno.
 */
int cgroup_tree_find(const char *proc_root, const char *controller, struct cgroup_tree *out);

/* The group of a process, as /proc/PID/cgroup has it. 0, -ENOENT: it has none here, or -errno. */
int cgroup_tree_group(
	const struct cgroup_tree *t, const char *proc_root, pid_t pid, char *group, size_t size);

/* The directory of a group. 0; -ENOENT where it lies above or beside root; -ENAMETOOLONG. */
int cgroup_tree_directory(const struct cgroup_tree *t, const char *group, char *dir, size_t size);

#endif

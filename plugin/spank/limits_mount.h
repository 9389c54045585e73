/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows a step's memory limit to programs that look for it in /sys/fs/cgroup, as Ray does. */
#ifndef RAYPSS_LIMITS_MOUNT_H
#define RAYPSS_LIMITS_MOUNT_H

/*
 * Called in the task's own process, as root: gives the process a mount namespace in which
 * /sys/fs/cgroup is the step's cgroup (v2) if that has a limit, and otherwise dir, read-only; see
 * limits_dir.h. dir: NULL = there is none. 0; -ENOTSUP: no limit to show; another -errno: nothing has
 * changed but the namespace.
 */
int limits_show(const char *dir);

#endif

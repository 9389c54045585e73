/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows a step's memory limit to programs that look for it in /sys/fs/cgroup, as Ray does. */
#ifndef RAYPSS_LIMITS_MOUNT_H
#define RAYPSS_LIMITS_MOUNT_H

/*
 * Called in the task's own process, as root: gives the process a mount namespace in which
 * /sys/fs/cgroup is the step's cgroup (v2). 0; -ENOTSUP: the step has no such cgroup; another
 * -errno: nothing has changed but the namespace.
 */
int limits_show(void);

#endif

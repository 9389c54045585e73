/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and directories that belong to root and that one other user may read. */
#ifndef RAYPSS_ACCESS_H
#define RAYPSS_ACCESS_H

#include <sys/types.h>

/*
 * Gives uid the right to read the open file, or to list and enter the open directory, and takes it
 * from everybody else but the owner. An ACL and not a chown: an owner could make a file grow.
 * 0 or -errno (-ENOTSUP: no ACLs there).
 */
int access_grant_read(int fd, uid_t uid);

/*
 * Who beside the owner may read the open file: whom access_grant_read() gave the right. 0, -ENOENT
 * (nobody) or another -errno.
 */
int access_reader(int fd, uid_t *uid);

/* Takes every right from everybody but the owner. 0 or -errno. */
int access_revoke(int fd);

#endif

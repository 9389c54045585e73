/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file of a control group that stays open, such as memory.current. */
#ifndef RAYPSS_CGROUP_FILE_H
#define RAYPSS_CGROUP_FILE_H

#include <stdint.h>

/* Opens the file name of the group whose directory is dir. A descriptor or -errno. */
int cgroup_file_open(int dir, const char *name);

/* Closes it if it is open; *fd is -1 then. */
void cgroup_file_close(int *fd);

/* Reads the number in it, from the beginning; "max" is UNKNOWN. 0 or -errno; fd may be -errno. */
int cgroup_number_read(int fd, uint64_t *value);

#endif

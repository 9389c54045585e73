/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file systems are tmpfs, by device number. */
#ifndef RAYPSS_DEVICES_H
#define RAYPSS_DEVICES_H

#include <stdbool.h>
#include <sys/types.h>

enum { DEVICES_MAX = 32 };

struct device {
	dev_t dev;
	bool tmpfs;
};

/* Zeroed is empty. */
struct devices {
	struct device known[DEVICES_MAX];
	unsigned n;
};

/* What is known of a device already, or NULL; until the next devices_is_tmpfs. */
const struct device *devices_find(const struct devices *d, dev_t dev);

/* Whether dev is a tmpfs, asked once through path below dirfd, which leads to a file on it. */
bool devices_is_tmpfs(struct devices *d, int dirfd, dev_t dev, const char *path);

#endif

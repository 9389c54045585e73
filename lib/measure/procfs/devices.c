/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/devices.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/statfs.h>
#include <unistd.h>

const struct device *devices_find(const struct devices *d, dev_t dev)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->known[i].dev == dev)
			return &d->known[i];
	return NULL;
}

bool devices_is_tmpfs(struct devices *d, int dirfd, dev_t dev, const char *path)
{
	const struct device *found = devices_find(d, dev);
	struct device *x;
	struct statfs fs;
	bool known;
	int fd;

	if (found)
		return found->tmpfs;
	fd = openat(dirfd, path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	known = fstatfs(fd, &fs) == 0;
	close(fd);
	if (!known)
		return false;
	/* Full: forget all, so that a node with many mounts is slow rather than wrong. */
	if (d->n == DEVICES_MAX)
		d->n = 0;
	x = &d->known[d->n++];
	x->dev = dev;
	x->tmpfs = (unsigned long)fs.f_type == TMPFS_MAGIC;
	return x->tmpfs;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/limits_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "plugin/common/paths.h"

static int file_open(int dir, const char *name, int *fd)
{
	*fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

int limits_files_open(struct limits_files *f, const struct step_info *info)
{
	char path[LIMITS_PATH];
	int dir = open(limits_path(info, path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	f->current = f->stat = -1;
	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = file_open(dir, LIMITS_CURRENT, &f->current);
	if (rc == 0)
		rc = file_open(dir, LIMITS_STAT, &f->stat);
	close(dir);
	return rc;
}

static uint64_t known(uint64_t value)
{
	return value == UNKNOWN ? 0 : value;
}

/* The number stands first: programs cut off spaces behind it. */
static size_t line(char *buf, size_t n, const char *key, uint64_t value)
{
	return n + (size_t)snprintf(buf + n, LIMITS_TEXT - n, "%s%-20" PRIu64 "\n", key, value);
}

size_t limits_current_text(const struct look *look, char buf[LIMITS_TEXT])
{
	const struct sample *s = &look->sample;

	/* Slurm compares mapped files too, the kernel page cache. */
	return line(buf, 0, "", sample_footprint(s) + known(s->file));
}

size_t limits_stat_text(const struct look *look, char buf[LIMITS_TEXT])
{
	const struct sample *s = &look->sample;
	/*
	 * Ray takes inactive and active files for free memory. The kernel's page cache is that; files
	 * that processes map are not where Slurm counts them.
	 */
	uint64_t droppable = look->source == SOURCE_CGROUP ? known(s->file) : 0;
	size_t n;

	n = line(buf, 0, "anon ", known(s->private));
	n = line(buf, n, "file ", known(s->shared) + known(s->file));
	n = line(buf, n, "shmem ", known(s->shared));
	n = line(buf, n, "kernel ", known(s->kernel));
	n = line(buf, n, "inactive_file ", droppable);
	return line(buf, n, "active_file ", 0);
}

void limits_files_write(const struct limits_files *f, const struct look *look)
{
	char buf[LIMITS_TEXT];

	if (f->current < 0 || f->stat < 0 || !look->sample.processes)
		return;
	/* After a failure the files show old figures until the next sample. */
	(void)!pwrite(f->stat, buf, limits_stat_text(look, buf), 0);
	(void)!pwrite(f->current, buf, limits_current_text(look, buf), 0);
}

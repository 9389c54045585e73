/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int whole_file_begin(struct whole_file *f, const char *path)
{
	int fd, rc;

	f->path = path;
	if (snprintf(f->part, sizeof(f->part), "%s.XXXXXX", path) >= (int)sizeof(f->part))
		return -ENAMETOOLONG;
	fd = mkostemp(f->part, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	f->file = fdopen(fd, "w");
	if (f->file)
		return 0;
	rc = -errno;
	close(fd);
	unlink(f->part);
	return rc;
}

int whole_file_end(struct whole_file *f, mode_t mode, int rc)
{
	if (rc == 0 && (fflush(f->file) || fchmod(fileno(f->file), mode)))
		rc = -errno;
	/* What was lost before may not show in what fflush() has left to write. */
	if (rc == 0 && ferror(f->file))
		rc = -EIO;
	if (fclose(f->file) && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(f->part, f->path))
		rc = -errno;
	if (rc)
		unlink(f->part);
	return rc;
}

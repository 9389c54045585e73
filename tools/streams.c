/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void streams_open(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int streams_end(void)
{
	static bool told;
	int rc = 0;

	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		rc = errno ? -errno : -EIO;
	if (rc && !told)
		fprintf(stderr, "raypss: cannot write to standard output: %s\n", strerror(-rc));
	told = rc;
	return rc;
}

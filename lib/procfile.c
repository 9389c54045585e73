#include "procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t procfile_pread(int fd, char *buf, size_t size)
{
	size_t have = 0;

	/* The kernel may hand out a page at a time, so one read may not be all. */
	while (have + 1 < size) {
		ssize_t n = pread(fd, buf + have, size - 1 - have, (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		/* Less than that is never cut in the middle: saves a call per tick. */
		if (n == 0 || have < 2048)
			break;
	}
	buf[have] = '\0';
	return (ssize_t)have;
}

ssize_t procfile_read(int dirfd, const char *path, char *buf, size_t size)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = procfile_pread(fd, buf, size);
	close(fd);
	return n;
}

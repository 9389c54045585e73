/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "results/access.h"

/* A record takes some kilobytes, and with the longest series some 20. */
enum { READ_MAX = 4 * 1024 * 1024 };

static int all_write(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int spool_file_write(int dir, const char *name, const json_t *value, uid_t uid)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(15));
	char temporary[FILE_NAME + 32];
	int fd, rc;

	if (!text)
		return -ENOMEM;
	snprintf(temporary, sizeof(temporary), ".%s.%d", name, getpid());
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		free(text);
		return -errno;
	}
	if (access_grant_read(fd, uid))
		fchmod(fd, 0600);
	rc = all_write(fd, text, strlen(text));
	free(text);
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && renameat(dir, temporary, dir, name))
		rc = -errno;
	if (rc)
		unlinkat(dir, temporary, 0);
	return rc;
}

/* Reads as many bytes as a file had. 0 or -errno. */
static int all_read(int fd, char *text, size_t size)
{
	while (size) {
		ssize_t n = read(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

int spool_file_text(int fd, char **text, size_t *size)
{
	struct stat st;
	int rc;

	*text = NULL;
	*size = 0;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (st.st_size > READ_MAX)
		return -EFBIG;
	*size = (size_t)st.st_size;
	*text = malloc(*size + 1);
	if (!*text)
		return -ENOMEM;
	rc = all_read(fd, *text, *size);
	if (rc)
		free(*text);
	return rc;
}

json_t *spool_file_read(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	json_t *value = NULL;
	size_t size = 0;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (spool_file_text(fd, &text, &size) == 0) {
		value = json_loadb(text, size, 0, NULL);
		free(text);
	}
	close(fd);
	return value;
}

int spool_file_open(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

int spool_file_lock(int fd, unsigned tries)
{
	const struct timespec pause = timespec_of(NS_PER_MS);

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EINTR && tries-- <= 1)
			return -EWOULDBLOCK;
		nanosleep(&pause, NULL);
	}
	return 0;
}

DIR *spool_file_list(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream && fd >= 0) {
		error = errno;
		close(fd);
		errno = error;
	}
	return stream;
}

int spool_file_clock(int dir, time_t *now)
{
	char name[32];
	struct stat st;
	int fd, rc;

	/* A file that was just made: the server of a network file system has set its time. */
	snprintf(name, sizeof(name), ".clock.%d", getpid());
	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	rc = fstat(fd, &st) ? -errno : 0;
	close(fd);
	unlinkat(dir, name, 0);
	*now = st.st_mtime;
	return rc;
}

void spool_file_name(char *dst, size_t size, const char *src)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t n = 0;

	for (; src[n] && n + 1 < size; n++)
		dst[n] = strchr(allowed, src[n]) ? src[n] : '_';
	dst[n] = '\0';
	if (*dst == '.')
		*dst = '_';
}

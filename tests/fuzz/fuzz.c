/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

bool fuzz_is_clean(const char *text, size_t size)
{
	size_t n = strnlen(text, size);

	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return n < size;
}

void fuzz_patch(void *memory, size_t memory_size, size_t unit, const uint8_t *data, size_t size)
{
	while (size > 3) {
		size_t at = ((size_t)data[0] << 8 | data[1]) * unit % memory_size, n = data[2];

		data += 3;
		size -= 3;
		if (n > size)
			n = size;
		if (n > memory_size - at)
			n = memory_size - at;
		memcpy((char *)memory + at, data, n);
		data += n;
		size -= n;
	}
}

static char directory[] = "/dev/shm/raypss-fuzz.XXXXXX";

static int entry_remove(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static void directory_remove(void)
{
	nftw(directory, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

int fuzz_directory(void)
{
	static int fd = -1;

	if (fd < 0) {
		MUST(mkdtemp(directory));
		atexit(directory_remove);
		fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		MUST(fd >= 0);
	}
	return fd;
}

void fuzz_file(int dir, const char *name, const void *data, size_t size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

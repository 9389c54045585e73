/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_SIZE = 4096 };

void line_reader_init(struct line_reader *r, int fd, size_t longest)
{
	*r = (struct line_reader){ .fd = fd, .longest = longest };
}

void line_reader_free(struct line_reader *r)
{
	free(r->buffer);
	line_reader_init(r, -1, r->longest);
}

static char *newline_find(const struct line_reader *r)
{
	return r->begin < r->end ? memchr(r->buffer + r->begin, '\n', r->end - r->begin) : NULL;
}

bool line_reader_has_line(const struct line_reader *r)
{
	return newline_find(r) != NULL;
}

/* Makes room for at least one byte. 0, or -ENOMEM. */
static int room_make(struct line_reader *r)
{
	size_t size = r->size ? 2 * r->size : FIRST_SIZE;
	char *buffer;

	if (r->begin) {
		memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
		r->end -= r->begin;
		r->begin = 0;
	}
	if (r->end < r->size)
		return 0;
	if (r->size == r->longest) {
		/* The line is too long. Drop what there is of it. */
		r->skipping = true;
		r->end = 0;
		return 0;
	}
	if (size > r->longest)
		size = r->longest;
	buffer = realloc(r->buffer, size);
	if (!buffer)
		return -ENOMEM;
	r->buffer = buffer;
	r->size = size;
	return 0;
}

int line_reader_next(struct line_reader *r, char **line)
{
	char *newline;

	while (!(newline = newline_find(r))) {
		int rc = room_make(r);
		ssize_t n = rc ? 0 : read(r->fd, r->buffer + r->end, r->size - r->end);

		if (rc)
			return rc;
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r->end += (size_t)n;
	}
	*newline = '\0';
	*line = r->buffer + r->begin;
	r->begin = (size_t)(newline - r->buffer) + 1;
	if (r->skipping) {
		r->skipping = false;
		return -EMSGSIZE;
	}
	return 1;
}

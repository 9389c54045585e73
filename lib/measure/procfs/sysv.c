/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "measure/procfs/namespaces.h"

enum {
	SEGMENTS_MAX = 65536, /* any user can make segments, up to kernel.shmmni */
	CAPACITY_START = 64,
	CHUNK = 4096,
};

void sysv_clear(struct sysv *s)
{
	free(s->segments);
	*s = (struct sysv){ 0 };
}

static bool grow(struct sysv *s)
{
	unsigned capacity = s->capacity ? 2 * s->capacity : CAPACITY_START;
	struct sysv_segment *segments;

	if (capacity > SEGMENTS_MAX)
		return false;
	segments = realloc(s->segments, capacity * sizeof(*segments));
	if (!segments)
		return false;
	s->segments = segments;
	s->capacity = capacity;
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct sysv_segment *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int sysv_parse(const char *line, size_t len, struct sysv_segment *out)
{
	enum {
		KEY,
		ID,
		MODE,
		SIZE,
		CREATOR,
		LAST,
		ATTACHED,
		UID,
		GID,
		CUID,
		CGID,
		ATIME,
		DTIME,
		CTIME,
		RSS,
		SWAP,
		COLUMNS
	};
	const char *p = line, *end = line + len;
	uint64_t v[COLUMNS], bytes;

	for (unsigned i = 0; i < COLUMNS; i++) {
		while (p < end && *p == ' ')
			p++;
		/* A key may be printed as a negative number. */
		if (i == KEY && p < end && *p == '-')
			p++;
		if (digits_parse(&p, end, &v[i]))
			return -EINVAL;
	}
	if (__builtin_add_overflow(v[RSS], v[SWAP], &bytes))
		return -EINVAL;
	*out = (struct sysv_segment){
		.id = v[ID],
		.bytes = bytes,
		.attached = v[ATTACHED],
		.changed_s = v[CTIME],
		.creator = (pid_t)v[CREATOR],
		.last = (pid_t)v[LAST],
		.uid = (uid_t)v[CUID],
	};
	return 0;
}

static void line_take(struct sysv *s, const char *line, size_t len)
{
	struct sysv_segment segment;

	if (sysv_parse(line, len, &segment))
		return;
	if (s->n == s->capacity && !grow(s))
		s->cut = true;
	else
		s->segments[s->n++] = segment;
}

static void list_take(struct sysv *s, int fd)
{
	char buf[CHUNK];
	size_t have = 0;
	ssize_t n;

	while (!s->cut && (n = read(fd, buf + have, sizeof(buf) - have)) > 0) {
		char *line = buf, *newline;

		have += (size_t)n;
		while ((newline = memchr(line, '\n', have - (size_t)(line - buf)))) {
			line_take(s, line, (size_t)(newline - line));
			line = newline + 1;
		}
		have -= (size_t)(line - buf);
		memmove(buf, line, have);
		if (have == sizeof(buf))
			have = 0; /* no line is that long */
	}
}

void sysv_read(struct sysv *s, int proc_fd, uint64_t now_ns)
{
	int fd;

	if (s->read_ns == now_ns)
		return;
	s->read_ns = now_ns;
	s->n = 0;
	s->cut = false;
	fd = openat(proc_fd, "sysvipc/shm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	list_take(s, fd);
	close(fd);
	if (s->n > 1)
		qsort(s->segments, s->n, sizeof(*s->segments), by_id);
}

bool sysv_bytes(struct sysv *s, int proc_fd, uint64_t now_ns, uint64_t id, uint64_t *bytes)
{
	const struct sysv_segment key = { .id = id }, *found;

	sysv_read(s, proc_fd, now_ns);
	found = s->n ? bsearch(&key, s->segments, s->n, sizeof(key), by_id) : NULL;
	if (found)
		*bytes = found->bytes;
	return found;
}

uint64_t sysv_space(struct sysv *s, int proc_fd, pid_t pid, uint64_t now_ns)
{
	uint64_t theirs;

	if (s->asked == pid && s->asked_ns == now_ns)
		return s->space;
	theirs = namespace_of(proc_fd, pid, "ipc");
	/* 31 bits of the number, so that JSON's integers have room for it. */
	s->asked = pid;
	s->asked_ns = now_ns;
	s->space = theirs && theirs != namespace_of(proc_fd, 0, "ipc") ? (theirs & INT32_MAX) << 32
								       : 0;
	return s->space;
}

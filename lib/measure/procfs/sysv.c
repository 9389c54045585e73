/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/sysv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"

/* Any user can make segments, up to kernel.shmmni. */
enum { SEGMENTS_MAX = 65536, CAPACITY_START = 64 };

enum { COLUMNS = 16 };

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

/* Parses a line of the list, proc(5): the id stands in the second column. False: it is none. */
static bool line_parse(const char *p, const char *end, struct sysv_segment *out)
{
	uint64_t figures[COLUMNS] = { 0 };

	for (unsigned i = 0; i < COLUMNS; i++) {
		/* The key in the first column may be negative. */
		if (i == 0)
			p += strspn(p, " -");
		if (digits_parse(&p, end, &figures[i]))
			return false;
	}
	out->id = figures[1];
	/* Resident and swapped bytes are the last two. */
	return !__builtin_add_overflow(figures[COLUMNS - 2], figures[COLUMNS - 1], &out->bytes);
}

static void list_read(struct sysv *s, FILE *f)
{
	char line[512];

	s->n = 0;
	while (fgets(line, sizeof(line), f) && (s->n < s->capacity || grow(s)))
		if (line_parse(line, line + strlen(line), &s->segments[s->n]))
			s->n++;
	if (s->n)
		qsort(s->segments, s->n, sizeof(*s->segments), by_id);
}

static void list_renew(struct sysv *s, int proc_fd)
{
	int fd = openat(proc_fd, "sysvipc/shm", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	s->n = 0;
	if (f) {
		list_read(s, f);
		fclose(f);
	} else if (fd >= 0) {
		close(fd);
	}
}

bool sysv_bytes(struct sysv *s, int proc_fd, uint64_t now_ns, uint64_t id, uint64_t *bytes)
{
	const struct sysv_segment key = { .id = id }, *found;

	if (s->read_ns != now_ns) {
		s->read_ns = now_ns;
		list_renew(s, proc_fd);
	}
	found = s->n ? bsearch(&key, s->segments, s->n, sizeof(key), by_id) : NULL;
	if (found)
		*bytes = found->bytes;
	return found;
}

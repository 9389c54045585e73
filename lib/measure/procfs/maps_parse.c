/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/maps_parse.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

static int hex_parse(const char **pos, const char *end, char terminator, uint64_t *value)
{
	const char *p = *pos;
	uint64_t v = 0;
	int n = 0;

	for (; p < end && *p != terminator; p++, n++) {
		unsigned digit;

		if (*p >= '0' && *p <= '9')
			digit = (unsigned)(*p - '0');
		else if (*p >= 'a' && *p <= 'f')
			digit = (unsigned)(*p - 'a' + 10);
		else
			return -EINVAL;
		if (n >= 16)
			return -EINVAL;
		v = v << 4 | digit;
	}
	if (!n || p == end)
		return -EINVAL;
	*pos = p + 1;
	*value = v;
	return 0;
}

void mapping_path_set(struct mapping *m, const char *path, size_t len)
{
	if (len >= sizeof(m->path)) {
		path += len - (sizeof(m->path) - 1);
		len = sizeof(m->path) - 1;
	}
	memcpy(m->path, path, len);
	m->path[len] = '\0';
}

static int line_parse(const char *p, const char *end, struct mapping *m)
{
	uint64_t major, minor, ino = 0;

	if (hex_parse(&p, end, '-', &m->start) || hex_parse(&p, end, ' ', &m->end) ||
		m->end < m->start)
		return -EINVAL;
	if (end - p < 5 || p[4] != ' ')
		return -EINVAL;
	m->shared = p[3] == 's';
	p += 5;
	if (hex_parse(&p, end, ' ', &m->offset) || hex_parse(&p, end, ':', &major) ||
		hex_parse(&p, end, ' ', &minor))
		return -EINVAL;
	m->dev = makedev((unsigned)major, (unsigned)minor);
	if (p == end || *p < '0' || *p > '9')
		return -EINVAL;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(ino, 10, &ino) ||
			__builtin_add_overflow(ino, (uint64_t)(*p - '0'), &ino))
			return -EINVAL;
	m->ino = ino;
	while (p < end && *p == ' ')
		p++;
	mapping_path_set(m, p, (size_t)(end - p));
	return 1;
}

int maps_next(const char **pos, const char *end, struct mapping *out)
{
	const char *line = *pos;
	const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (!newline)
		return 0;
	*pos = newline + 1;
	return line_parse(line, newline, out);
}

bool mapping_is_plasma(const struct mapping *m)
{
	const char *slash = strrchr(m->path, '/');

	return slash && !strncmp(slash + 1, "plasma", 6);
}

bool mapping_has_file(const struct mapping *m)
{
	return m->dev || m->ino;
}

bool mapping_is_sysv(const struct mapping *m)
{
	return !strncmp(m->path, "/SYSV", 5);
}

bool mapping_is_pinned(const struct mapping *m)
{
	return !strncmp(m->path, "socket:[", 8) || !strcmp(m->path, "/secretmem (deleted)") ||
		!strcmp(m->path, "anon_inode:[io_uring]") || !strcmp(m->path, "anon_inode:bpf-map");
}

bool mapping_is_anonymous_inode(const struct mapping *m)
{
	return !strncmp(m->path, "anon_inode:", 11);
}

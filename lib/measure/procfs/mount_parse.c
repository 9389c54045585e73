/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/mount_parse.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

/* Reads digits up to the terminator and moves behind it. */
static int number_parse(const char **pos, const char *end, char terminator, uint64_t *value)
{
	const char *p = *pos;
	uint64_t v = 0;

	if (p == end || *p == terminator)
		return -EINVAL;
	for (; p < end && *p != terminator; p++)
		if (*p < '0' || *p > '9' || __builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -EINVAL;
	if (p == end)
		return -EINVAL;
	*pos = p + 1;
	*value = v;
	return 0;
}

/* The field at *pos, which ends at a space or at end; moves behind it. Returns its length. */
static size_t field_next(const char **pos, const char *end, const char **field)
{
	const char *space = memchr(*pos, ' ', (size_t)(end - *pos));
	size_t len = (size_t)((space ? space : end) - *pos);

	*field = *pos;
	*pos = space ? space + 1 : end;
	return len;
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG..] - TYPE SOURCE OPTIONS */
static int line_parse(const char *p, const char *end, struct mount_line *out)
{
	uint64_t parent, major, minor;
	const char *field;
	size_t len;

	if (number_parse(&p, end, ' ', &out->id) || number_parse(&p, end, ' ', &parent) ||
		number_parse(&p, end, ':', &major) || number_parse(&p, end, ' ', &minor))
		return -EINVAL;
	out->dev = makedev((unsigned)major, (unsigned)minor);
	/* The kernel writes spaces in paths as \040, so no path has a field "-" of its own. */
	len = field_next(&p, end, &field);
	out->whole = len == 1 && *field == '/';
	out->point_len = field_next(&p, end, &out->point);
	field_next(&p, end, &field);
	do {
		if (p == end)
			return -EINVAL;
		len = field_next(&p, end, &field);
	} while (len != 1 || *field != '-');
	len = field_next(&p, end, &field);
	if (!len)
		return -EINVAL;
	if (len >= sizeof(out->type))
		len = sizeof(out->type) - 1;
	memcpy(out->type, field, len);
	out->type[len] = '\0';
	return 1;
}

int mount_line_next(const char **pos, const char *end, struct mount_line *out)
{
	const char *line = *pos;
	const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (!newline)
		return 0;
	*pos = newline + 1;
	return line_parse(line, newline, out);
}

/* The number behind the key and a tab, in a line of its own. */
static int fdinfo_number(const char *text, size_t len, const char *key, uint64_t *value)
{
	const char *end = text + len;
	const char *found = memmem(text, len, key, strlen(key));

	if (!found || (found != text && found[-1] != '\n'))
		return -EINVAL;
	found += strlen(key);
	return number_parse(&found, end, '\n', value);
}

int fdinfo_in_flight(const char *text, size_t len, uint64_t *count)
{
	return fdinfo_number(text, len, "scm_fds: ", count);
}

int mount_of_fdinfo(const char *text, size_t len, uint64_t *id)
{
	return fdinfo_number(text, len, "mnt_id:\t", id);
}

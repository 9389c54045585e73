/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/procfile.h"
#include "results/figure.h"
#include "results/step_info.h"

/* A sample is written in one call; a reader meets at most a few of them. */
enum { TRIES = 100, FILE_SIZE = 4096 };

#define KEY(name)                                                                                  \
	{                                                                                          \
#name, offsetof(struct live, name)                                                 \
	}

static const struct key {
	const char *name;
	size_t offset;
} keys[] = {
	KEY(sequence),
	KEY(elapsed_ms),
	KEY(limit),
	KEY(footprint),
	KEY(private),
	KEY(shared),
	KEY(kernel),
	KEY(swap),
	KEY(file),
	KEY(rss),
	KEY(store),
	KEY(processes),
	KEY(peak),
	KEY(growth),
	KEY(headroom),
	KEY(level),
};

enum { KEYS = sizeof(keys) / sizeof(*keys) };

static uint64_t *figure(struct live *out, const char *key, size_t n)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == n && !memcmp(keys[i].name, key, n))
			return (uint64_t *)((char *)out + keys[i].offset);
	return NULL;
}

static uint64_t number(const char *text)
{
	text += strspn(text, " ");
	return *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) : UNKNOWN;
}

int live_parse(const char *text, struct live *out)
{
	uint64_t first = UNKNOWN;

	memset(out, 0xff, sizeof(*out)); /* UNKNOWN */
	for (const char *line = text; *line;) {
		size_t all = strcspn(line, "\n"), n = strcspn(line, " \n");
		uint64_t *value = figure(out, line, n);

		if (value)
			*value = number(line + n);
		if (value == &out->sequence && first == UNKNOWN)
			first = *value;
		line += all + (line[all] == '\n');
	}
	return first != UNKNOWN && first == out->sequence ? 0 : -EAGAIN;
}

int live_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int live_read(int fd, struct live *out)
{
	char text[FILE_SIZE];
	int rc = -EAGAIN;

	for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
		ssize_t n = procfile_pread(fd, text, sizeof(text));

		if (n < 0)
			return (int)n;
		rc = live_parse(text, out);
		/* A file of a step that has no sample yet is empty. */
		if (rc && n == 0)
			return rc;
		if (rc)
			poll(NULL, 0, 1);
	}
	return rc;
}

json_t *live_json(const struct live *figures)
{
	json_t *object = json_object();

	for (size_t i = 0; i < KEYS; i++)
		json_object_set_new(object, keys[i].name,
			figure_json(*(const uint64_t *)((const char *)figures + keys[i].offset)));
	return object;
}

int live_name_parse(const char *name, struct live_name *out)
{
	size_t digits = strspn(name, "0123456789"), step;
	unsigned long job = strtoul(name, NULL, 10);
	const char *rest = name + digits;

	if (!digits || !job || job > UINT32_MAX || *rest != '.')
		return -EINVAL;
	step = strcspn(++rest, ".");
	if (!step || step >= sizeof(out->step) || !rest[step] || !rest[step + 1] ||
		strlen(rest + step + 1) >= sizeof(out->node))
		return -EINVAL;
	out->job = (uint32_t)job;
	memcpy(out->step, rest, step);
	out->step[step] = '\0';
	strcpy(out->node, rest + step + 1);
	return 0;
}

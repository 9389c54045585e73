/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/cgroup_parse.h"

#include <errno.h>
#include <string.h>

#include "base/digits.h"

struct key {
	const char *name;
	uint64_t *value;
};

/* The next whole line; moves *pos behind it. NULL = none left. */
static const char *line_next(const char **pos, const char *end, const char **line_end)
{
	const char *line = *pos, *newline = memchr(line, '\n', (size_t)(end - line));

	if (!newline)
		return NULL;
	*line_end = newline;
	*pos = newline + 1;
	return line;
}

/* "KEY NUMBER" lines into the values of the keys, which are made UNKNOWN first. */
static int keyed_parse(const char *buf, size_t len, const struct key *keys)
{
	const char *pos = buf, *end = buf + len, *line, *e;
	int found = 0;

	for (const struct key *k = keys; k->name; k++)
		*k->value = UNKNOWN;
	while ((line = line_next(&pos, end, &e))) {
		for (const struct key *k = keys; k->name; k++) {
			const char *p = line, *name = k->name;

			/* In place, since nearly all lines differ in the first letters. */
			for (; p < e && *name && *p == *name; p++)
				name++;
			if (*name || (p < e && *p != ' '))
				continue;
			if (digits_parse(&p, e, k->value) || p != e)
				return -EINVAL;
			found++;
			break;
		}
	}
	return found ? 0 : -EINVAL;
}

int cgroup_stat_parse(const char *buf, size_t len, struct memory_stat *out)
{
	const struct key keys[] = {
		{ "anon", &out->anon },
		{ "file", &out->file },
		{ "shmem", &out->shmem },
		{ "kernel", &out->kernel },
		{ "kernel_stack", &out->kernel_stack },
		{ "pagetables", &out->pagetables },
		{ "percpu", &out->percpu },
		{ "sock", &out->sock },
		{ "slab_reclaimable", &out->slab_reclaimable },
		{ "slab_unreclaimable", &out->slab_unreclaimable },
		{ "swapcached", &out->swapcached },
		{ "inactive_anon", &out->inactive_anon },
		{ "active_anon", &out->active_anon },
		{ "unevictable", &out->unevictable },
		{ "hugetlb", &out->hugetlb },
		{ NULL, NULL },
	};

	return keyed_parse(buf, len, keys);
}

uint64_t cgroup_stat_named(const struct memory_stat *s)
{
	/* shmem is part of file, and all slabs are part of kernel; buffers of sockets are not. */
	if (s->anon == UNKNOWN || s->file == UNKNOWN || s->kernel == UNKNOWN)
		return UNKNOWN;
	return s->anon + s->file + s->kernel + (s->sock == UNKNOWN ? 0 : s->sock) +
		(s->hugetlb == UNKNOWN ? 0 : s->hugetlb);
}

uint64_t cgroup_stat_kernel(const struct memory_stat *s)
{
	const uint64_t parts[] = {
		s->pagetables,
		s->kernel_stack,
		s->slab_unreclaimable,
		s->percpu,
		s->sock,
	};
	uint64_t sum = UNKNOWN;

	if (s->kernel != UNKNOWN) {
		if (s->slab_reclaimable == UNKNOWN)
			return s->kernel;
		/* Each is a sum over CPUs at a moment of its own. */
		return s->kernel > s->slab_reclaimable ? s->kernel - s->slab_reclaimable : 0;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i] != UNKNOWN)
			sum = (sum == UNKNOWN ? 0 : sum) + parts[i];
	return sum;
}

uint64_t cgroup_stat_twice(const struct memory_stat *s)
{
	const uint64_t listed[] = { s->inactive_anon, s->active_anon, s->unevictable };
	uint64_t lists = 0, mapped = s->anon + s->shmem, unmapped;

	if (s->swapcached == UNKNOWN || s->anon == UNKNOWN || s->shmem == UNKNOWN)
		return 0;
	for (size_t i = 0; i < sizeof(listed) / sizeof(*listed); i++)
		if (listed[i] != UNKNOWN)
			lists += listed[i];
	/* What is on its way out or was read ahead stands on these lists, but is no longer anon. */
	unmapped = lists > mapped ? lists - mapped : 0;
	return s->swapcached > unmapped ? s->swapcached - unmapped : 0;
}

/* "N0=123 N1=456": the node's number and its bytes; moves *pos behind them. 1, 0 = no further. */
static int node_take(const char **pos, const char *end, uint64_t *node, uint64_t *bytes)
{
	const char *p = *pos;

	if (p == end)
		return 0;
	if (end - p < 3 || p[0] != ' ' || p[1] != 'N')
		return -EINVAL;
	p += 2;
	if (digits_parse(&p, end, node) || *node > UINT32_MAX || p == end || *p++ != '=' ||
		digits_parse(&p, end, bytes))
		return -EINVAL;
	*pos = p;
	return 1;
}

/* A line's nodes, which stand in the same order in all lines. How many, or -EINVAL. */
static int nodes_parse(
	const char *p, const char *end, size_t member, struct look_numa *out, unsigned max)
{
	uint64_t node, bytes;
	unsigned n = 0;
	int rc;

	while ((rc = node_take(&p, end, &node, &bytes)) > 0 && n < max) {
		out[n].node = (uint32_t)node;
		*(uint64_t *)(void *)((char *)&out[n++] + member) = bytes;
	}
	return rc < 0 ? rc : (int)n;
}

int cgroup_numa_parse(const char *buf, size_t len, struct look_numa *out, unsigned max)
{
	static const struct {
		const char *name;
		size_t member;
	} lines[] = {
		{ "anon", offsetof(struct look_numa, anon) },
		{ "file", offsetof(struct look_numa, file) },
		{ "shmem", offsetof(struct look_numa, shmem) },
	};
	const char *pos = buf, *line, *e;
	int nodes = 0;

	for (unsigned i = 0; i < max; i++)
		out[i] = (struct look_numa){ 0, UNKNOWN, UNKNOWN, UNKNOWN };
	while ((line = line_next(&pos, buf + len, &e))) {
		for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
			size_t n = strlen(lines[i].name);
			int rc;

			if ((size_t)(e - line) <= n || memcmp(line, lines[i].name, n) ||
				line[n] != ' ')
				continue;
			rc = nodes_parse(line + n, e, lines[i].member, out, max);
			if (rc < 0)
				return rc;
			if (rc > nodes)
				nodes = rc;
		}
	}
	return nodes ? nodes : -EINVAL;
}

int cgroup_events_parse(const char *buf, size_t len, struct memory_events *out)
{
	const struct key keys[] = {
		{ "oom", &out->oom },
		{ "oom_kill", &out->oom_kill },
		{ NULL, NULL },
	};

	return keyed_parse(buf, len, keys);
}

int cgroup_number_parse(const char *buf, size_t len, uint64_t *value)
{
	const char *pos = buf, *line, *e;
	uint64_t v;

	line = line_next(&pos, buf + len, &e);
	if (!line || pos != buf + len)
		return -EINVAL;
	if (e - line == 3 && !memcmp(line, "max", 3)) {
		*value = UNKNOWN;
		return 0;
	}
	if (digits_parse(&line, e, &v) || line != e)
		return -EINVAL;
	*value = v;
	return 0;
}

int pressure_parse(const char *buf, size_t len, struct pressure *out)
{
	static const char total[] = " total=";
	const char *pos = buf, *line, *e;

	out->some_us = out->full_us = UNKNOWN;
	while ((line = line_next(&pos, buf + len, &e))) {
		const char *p = memmem(line, (size_t)(e - line), total, sizeof(total) - 1);
		uint64_t *value;

		if (e - line > 5 && !memcmp(line, "some ", 5))
			value = &out->some_us;
		else if (e - line > 5 && !memcmp(line, "full ", 5))
			value = &out->full_us;
		else
			continue;
		if (!p)
			return -EINVAL;
		p += sizeof(total) - 1;
		if (digits_parse(&p, e, value))
			return -EINVAL;
	}
	return out->some_us == UNKNOWN && out->full_us == UNKNOWN ? -EINVAL : 0;
}

/* Whether the comma-separated list holds the word. */
static int list_has(const char *list, const char *end, const char *word)
{
	size_t n = strlen(word);

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *e = comma ? comma : end;

		if ((size_t)(e - list) == n && !memcmp(list, word, n))
			return 1;
		list = e + 1;
	}
	return 0;
}

int proc_cgroup_parse(const char *buf, size_t len, const char *controller, char *path, size_t size)
{
	const char *pos = buf, *line, *e;
	int lines = 0;

	while ((line = line_next(&pos, buf + len, &e))) {
		const char *p = line, *list, *colon;
		uint64_t id;

		if (digits_parse(&p, e, &id) || p == e || *p != ':')
			return -EINVAL;
		list = p + 1;
		/* A named hierarchy's name may hold no colon, a path may. */
		colon = memchr(list, ':', (size_t)(e - list));
		if (!colon || colon + 1 == e || colon[1] != '/')
			return -EINVAL;
		lines++;
		if (controller ? !list_has(list, colon, controller) : id != 0 || list != colon)
			continue;
		if ((size_t)(e - colon) > size)
			return -ENAMETOOLONG;
		memcpy(path, colon + 1, (size_t)(e - colon) - 1);
		path[e - colon - 1] = '\0';
		return 0;
	}
	return lines ? -ENOENT : -EINVAL;
}

int cgroup_procs_next(const char **pos, const char *end, pid_t *pid)
{
	const char *e, *line = line_next(pos, end, &e);
	uint64_t value;

	if (!line)
		return 0;
	if (digits_parse(&line, e, &value) || line != e || value > INT_MAX)
		return -EINVAL;
	*pid = (pid_t)value;
	return 1;
}

/* The word at *pos, up to a space, into dst without the kernel's \ooo escapes. */
static int word_take(const char **pos, const char *end, char *dst, size_t size)
{
	const char *p = *pos, *e;
	size_t n = 0;

	e = memchr(p, ' ', (size_t)(end - p));
	if (!e)
		e = end;
	if (e == p)
		return -EINVAL;
	while (p < e) {
		char c = *p++;

		if (c == '\\' && e - p >= 3 && p[0] >= '0' && p[0] <= '3' && p[1] >= '0' &&
			p[1] <= '7' && p[2] >= '0' && p[2] <= '7') {
			c = (char)((p[0] - '0') << 6 | (p[1] - '0') << 3 | (p[2] - '0'));
			p += 3;
		}
		if (!c)
			return -EINVAL;
		if (n + 1 >= size)
			return -ENAMETOOLONG;
		dst[n++] = c;
	}
	dst[n] = '\0';
	*pos = e < end ? e + 1 : end;
	return 0;
}

int mountinfo_parse(const char *line, size_t len, struct mountinfo *out)
{
	const char *p = line, *end = line + len, *dash;
	char word[64];
	int rc;

	if (len && end[-1] == '\n')
		end--;
	for (int i = 0; i < 3; i++) { /* id, parent, device */
		rc = word_take(&p, end, word, sizeof(word));
		if (rc)
			return rc;
	}
	rc = word_take(&p, end, out->root, sizeof(out->root));
	if (!rc)
		rc = word_take(&p, end, out->point, sizeof(out->point));
	if (rc)
		return rc;
	/* Options, then any number of optional fields up to a lone dash. */
	dash = memmem(p, (size_t)(end - p), " - ", 3);
	if (!dash)
		return -EINVAL;
	p = dash + 3;
	return word_take(&p, end, out->type, sizeof(out->type));
}

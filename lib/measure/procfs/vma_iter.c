/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/vma_iter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/procfile.h"

enum {
	TEXT = 64 * 1024,
	PATH = 4096, /* the most that the kernel makes of a path */
	SKIPPED_MAX = 64, /* lines of text in one call */
};

/* As in linux/fs.h from 6.11 on, which need not be the headers that we are built with. */
struct query {
	uint64_t size;
	uint64_t flags;
	uint64_t address;
	uint64_t start;
	uint64_t end;
	uint64_t vma_flags;
	uint64_t page_size;
	uint64_t offset;
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t name_size;
	uint32_t build_id_size;
	uint64_t name;
	uint64_t build_id;
};
#define QUERY _IOWR('f', 17, struct query)
#define QUERY_SHARED 0x08
#define QUERY_OR_NEXT 0x10
#define QUERY_FILE_BACKED 0x20

struct vma_iter {
	int proc_fd;
	int fd;
	bool only_shared;
	bool by_text; /* for good, once the kernel did not know the question */
	bool asked; /* a question of this pass was answered */
	uint64_t address; /* where the next mapping is looked for */
	size_t have; /* text: what the buffer holds, and how much of it was parsed */
	size_t done;
	char path[PATH];
	char buf[]; /* TEXT */
};

struct vma_iter *vma_iter_create(int proc_fd)
{
	struct vma_iter *m = calloc(1, sizeof(*m) + TEXT);

	if (m)
		*m = (struct vma_iter){ .proc_fd = proc_fd, .fd = -1 };
	return m;
}

void vma_iter_destroy(struct vma_iter *m)
{
	free(m);
}

int vma_iter_open(struct vma_iter *m, pid_t pid, bool only_shared, uint64_t address)
{
	char path[PROC_PATH];

	m->only_shared = only_shared;
	procfile_path(path, pid, "maps");
	m->fd = openat(m->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (m->fd < 0)
		return -errno;
	m->address = address;
	m->asked = false;
	m->have = m->done = 0;
	return 0;
}

void vma_iter_close(struct vma_iter *m)
{
	close(m->fd);
	m->fd = -1;
}

static int query_next(struct vma_iter *m, struct mapping *out)
{
	struct query q = { .size = sizeof(q),
		.flags = QUERY_OR_NEXT | QUERY_FILE_BACKED | (m->only_shared ? QUERY_SHARED : 0),
		.address = m->address };

	while (ioctl(m->fd, QUERY, &q))
		if (errno != EINTR)
			return errno == ENOENT ? 0 : -errno;
	m->asked = true;
	m->address = q.end;
	out->start = q.start;
	out->end = q.end;
	out->offset = q.offset;
	out->dev = makedev(q.dev_major, q.dev_minor);
	out->ino = q.inode;
	out->shared = q.vma_flags & QUERY_SHARED;
	out->path[0] = '\0';
	return 1;
}

/* Reads on behind what was not a whole line. 1, 0 at the end, or -errno. */
static int text_fill(struct vma_iter *m)
{
	ssize_t n;

	m->have -= m->done;
	memmove(m->buf, m->buf + m->done, m->have);
	m->done = 0;
	/* No line is that long: what cannot be a line is dropped. */
	if (m->have == TEXT)
		m->have = 0;
	do {
		n = read(m->fd, m->buf + m->have, TEXT - m->have);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	m->have += (size_t)n;
	return n > 0;
}

static int text_next(struct vma_iter *m, struct mapping *out)
{
	int rc;

	for (unsigned skipped = 0; skipped < SKIPPED_MAX;) {
		const char *pos = m->buf + m->done;

		rc = maps_next(&pos, m->buf + m->have, out);
		m->done = (size_t)(pos - m->buf);
		if (rc == 0) {
			if ((rc = text_fill(m)) <= 0)
				return rc;
			continue;
		}
		skipped++;
		if (rc < 0 || out->end <= m->address)
			continue;
		m->address = out->end;
		if (mapping_has_file(out) && (out->shared || !m->only_shared))
			return 1;
	}
	return VMA_ITER_SKIPPED;
}

int vma_iter_next(struct vma_iter *m, struct mapping *out)
{
	if (!m->by_text) {
		int rc = query_next(m, out);

		/* An older kernel, or a filter of system calls, refuses the first question. */
		if (rc >= 0 || rc == -ESRCH || m->asked)
			return rc;
		m->by_text = true;
	}
	return text_next(m, out);
}

uint64_t vma_iter_address(const struct vma_iter *m)
{
	return m->address;
}

int vma_iter_path(struct vma_iter *m, struct mapping *mapping)
{
	struct query q = { .size = sizeof(q),
		.flags = QUERY_FILE_BACKED,
		.address = mapping->start,
		.name_size = PATH,
		.name = (uint64_t)(uintptr_t)m->path };

	if (m->by_text)
		return 0;
	while (ioctl(m->fd, QUERY, &q))
		if (errno != EINTR)
			return -errno;
	if (q.start != mapping->start || q.end != mapping->end)
		return -ENOENT;
	/* name_size came back as the length with its NUL, struct procmap_query in linux/fs.h. */
	mapping_path_set(mapping, m->path, q.name_size ? q.name_size - 1 : 0);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/locked.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/page_walk_cost.h"
#include "base/procfile.h"
#include "base/units.h"

/* A process whose VmLck stays the same may have locked another file of the same size. */
#define AGE_NS (10 * NS_PER_S)
/* What was locked before it was there (MLOCK_ONFAULT) shows in the pages that come. */
#define GROWN (4 * MIB)

/* A read that took so long is followed by a pause a hundred times as long. */
enum { PAUSE = 100 };

/*
 * No process is stalled for longer, by the guess of page_walk_cost.h and by the CPU time of the read:
 * while raypssd waits for a CPU it stalls nobody.
 */
#define STALL_NS (50 * NS_PER_MS)

enum { CHUNK = 64 * 1024 };

void locked_clear(struct locked *l)
{
	file_ranges_clear(&l->ranges);
	free(l->buf);
	*l = (struct locked){ 0 };
}

/* The number of a line "Rss:   12 kB" in bytes; *value stays where the line has another key. */
static void size_take(const char *line, size_t len, const char *key, uint64_t *value)
{
	const char *end = line + len, *p = line + strlen(key);
	uint64_t kib;

	if (len <= strlen(key) || memcmp(line, key, strlen(key)) != 0)
		return;
	while (p < end && *p == ' ')
		p++;
	if (digits_parse(&p, end, &kib) == 0 && !__builtin_mul_overflow(kib, KIB, &kib))
		*value = kib;
}

static bool flags_have_locked(const char *line, size_t len)
{
	static const char key[] = "VmFlags:";

	return len > sizeof(key) && !memcmp(line, key, sizeof(key) - 1) &&
		memmem(line, len, " lo", 3);
}

int locked_line(struct locked_mapping *m, const char *line, size_t len, uint64_t *bytes)
{
	/* Lines of a mapping's figures begin with a capital letter, its first line does not. */
	if (len && (line[0] < 'A' || line[0] > 'Z')) {
		char copy[MAPS_PATH + 128];
		const char *pos = copy;

		/* What is behind that is a part of the path, which nobody asks for. */
		if (len > sizeof(copy) - 1)
			len = sizeof(copy) - 1;
		memcpy(copy, line, len);
		copy[len] = '\n';
		*m = (struct locked_mapping){ 0 };
		if (maps_next(&pos, copy + len + 1, &m->mapping) != 1)
			m->mapping = (struct mapping){ 0 };
		return 0;
	}
	size_take(line, len, "Rss:", &m->rss);
	size_take(line, len, "Anonymous:", &m->anonymous);
	if (!mapping_has_file(&m->mapping) || m->rss <= m->anonymous ||
		!flags_have_locked(line, len))
		return 0;
	*bytes = m->rss - m->anonymous;
	return 1;
}

struct reader {
	struct locked *l;
	struct devices *devices;
	struct process *p;
	uint64_t now_ns;
	struct locked_mapping mapping;
};

static void line_take(struct reader *r, const char *line, size_t len)
{
	const struct mapping *m = &r->mapping.mapping;
	uint64_t bytes;

	if (!locked_line(&r->mapping, line, len, &bytes) || mapping_is_pinned(m))
		return;
	switch (devices_of_mapping(r->devices, r->p->via, m->dev)) {
	case DEVICE_MEMORY: /* is in shared */
	case DEVICE_HUGE:
	case DEVICE_RAM: /* counts without a lock, too */
		return;
	default:
		file_ranges_note(&r->l->ranges,
			&(struct file_range){ m->dev, m->ino, m->offset,
				m->offset + (m->end - m->start), bytes, r->now_ns });
	}
}

/* Takes the whole lines of the buffer. Returns how many bytes of it were used. */
static size_t lines_take(struct reader *r, const char *buf, size_t have)
{
	const char *line = buf, *end = buf + have, *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		line_take(r, line, (size_t)(newline - line));
		line = newline + 1;
	}
	return (size_t)(line - buf);
}

static void smaps_take(struct reader *r, int fd)
{
	uint64_t begin = thread_cpu_ns();
	char *buf = r->l->buf;
	size_t have = 0;
	ssize_t n;

	/* A process can map as fast as we read. */
	while ((n = read(fd, buf + have, CHUNK - have)) > 0 && thread_cpu_ns() - begin < STALL_NS) {
		size_t used;

		have += (size_t)n;
		used = lines_take(r, buf, have);
		/* No line is that long: what cannot be a line is dropped. */
		if (!used && have == CHUNK)
			used = have;
		have -= used;
		memmove(buf, buf + used, have);
	}
}

static bool is_large(const struct process *p)
{
	return (double)p->row->rss / (double)GIB * (double)PAGE_WALK_NS_PER_GIB > (double)STALL_NS;
}

static bool is_due(const struct locked *l, const struct process *p, uint64_t now_ns)
{
	if (!p->status.locked || now_ns < l->next_ns || is_large(p))
		return false;
	return p->status.locked != p->locked_known ||
		p->row->file_shmem >= p->locked_shared + GROWN || now_ns - p->locked_ns >= AGE_NS;
}

void locked_refresh(
	struct locked *l, int proc_fd, struct devices *devices, struct process *p, uint64_t now_ns)
{
	struct reader r = { .l = l, .devices = devices, .p = p, .now_ns = now_ns };
	uint64_t begin = thread_cpu_ns();
	char path[PROC_PATH];
	int fd;

	l->any = true;
	if (!is_due(l, p, now_ns))
		return;
	if (!l->buf && !(l->buf = malloc(CHUNK)))
		return;
	procfile_path(path, p->via, "smaps");
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	smaps_take(&r, fd);
	close(fd);
	p->locked_known = p->status.locked;
	p->locked_shared = p->row->file_shmem;
	p->locked_ns = now_ns;
	l->next_ns = now_ns + PAUSE * (thread_cpu_ns() - begin);
}

/* What a process can have locked of files at most. */
static uint64_t guess(const struct process *p)
{
	uint64_t shmem = p->row->shmem, mapped = p->row->file_shmem;
	uint64_t file = mapped > shmem ? mapped - shmem : 0;

	return p->status.locked < file ? p->status.locked : file;
}

void locked_settle(struct locked *l, const struct process_table *table, uint64_t now_ns)
{
	uint64_t oldest_ns = now_ns;

	if (!l->any)
		return;
	l->any = false;
	l->unread = 0;
	for (unsigned i = 0; i < process_count(table); i++) {
		const struct process *p = process_at(table, i);

		if (!p->status.locked)
			continue;
		l->any = true;
		if (is_large(p))
			l->unread += guess(p);
		else if (p->locked_ns && p->locked_ns < oldest_ns)
			oldest_ns = p->locked_ns;
	}
	file_ranges_expire(&l->ranges, oldest_ns);
}

uint64_t locked_bytes(const struct locked *l)
{
	return l->ranges.bytes + l->unread;
}

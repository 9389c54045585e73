/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/devices.h"
#include "measure/procfs/file_set.h"
#include "measure/procfs/sysv.h"
#include "measure/procfs/vma_iter.h"
#include "measure/procfs/vma_stat.h"

/* st_blocks counts these, whatever the file system's own block size: stat(2). */
enum { STAT_BLOCK = 512 };

enum {
	OBJECTS_MAX = 4096, /* what does not fit any more is not counted */
	DESCRIPTORS_MAX = 1024, /* looked at per process and scan */
};

/* Shared objects are measured at every tick and few; mapped files are many and only scanned. */
struct objects {
	int proc_fd;
	struct object *shared; /* an index stays an object's for as long as it is used */
	unsigned end; /* behind the last used entry */
	unsigned capacity;
	struct mapped_files files;
	struct map_files map_files;
	struct mappings *mappings;
	struct devices devices;
};

struct objects *objects_create(int proc_fd)
{
	struct objects *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->proc_fd = proc_fd;
	map_files_open(&o->map_files, proc_fd);
	o->mappings = mappings_create(proc_fd);
	if (!o->mappings) {
		free(o);
		return NULL;
	}
	return o;
}

void objects_destroy(struct objects *o)
{
	if (!o)
		return;
	mappings_destroy(o->mappings);
	mapped_files_clear(&o->files);
	map_files_close(&o->map_files);
	free(o->shared);
	free(o);
}

static struct object *shared_find(const struct objects *o, dev_t dev, uint64_t ino, bool sysv)
{
	for (unsigned i = 0; i < o->end; i++) {
		struct object *x = &o->shared[i];

		if (x->used && x->ino == ino && x->dev == dev && x->sysv == sysv)
			return x;
	}
	return NULL;
}

/* A free entry, NULL where there is no room. */
static struct object *shared_add(struct objects *o)
{
	for (unsigned i = 0; i < o->end; i++)
		if (!o->shared[i].used)
			return &o->shared[i];
	if (o->end == o->capacity) {
		unsigned capacity = o->capacity ? 2 * o->capacity : 64;
		struct object *shared;

		if (capacity > OBJECTS_MAX)
			return NULL;
		shared = realloc(o->shared, capacity * sizeof(*shared));
		if (!shared)
			return NULL;
		o->shared = shared;
		o->capacity = capacity;
	}
	return &o->shared[o->end++];
}

static void path_of_descriptor(char path[PROC_PATH], pid_t pid, uint64_t fd)
{
	snprintf(path, PROC_PATH, "%d/fd/%llu", pid, (unsigned long long)fd);
}

static void remember(struct process *p, unsigned index)
{
	for (unsigned i = 0; i < p->objects_n; i++)
		if (p->objects[i] == index)
			return;
	if (p->objects_n < PROCESS_OBJECTS)
		p->objects[p->objects_n++] = index;
}

static uint64_t blocks_of(const struct stat *st)
{
	return (uint64_t)st->st_blocks * STAT_BLOCK;
}

/* m: the mapping that leads to the object; m->end 0: m->start is the number of a descriptor. */
static void note(struct objects *o, struct process *p, const struct stat *st, enum object_kind kind,
	const struct mapping *m, uint64_t now_ns)
{
	bool sysv = mapping_is_sysv(m);
	struct object *x = shared_find(o, st->st_dev, st->st_ino, sysv);

	if (!x) {
		x = shared_add(o);
		if (!x)
			return;
		*x = (struct object){ .used = true,
			.kind = kind,
			.dev = st->st_dev,
			.ino = st->st_ino,
			.sysv = sysv };
	}
	x->store |= kind == OBJECT_SHARED && mapping_is_plasma(m);
	x->bytes = blocks_of(st);
	x->seen_ns = now_ns;
	/* A mapping is the better witness: a descriptor's number is soon used again. */
	if (m->end || !x->end || x->pid == p->pid) {
		x->pid = p->pid;
		x->start = m->start;
		x->end = m->end;
	}
	remember(p, (unsigned)(x - o->shared));
}

/* Whether another process led to the same object in this look: then it needs no other stat. */
static bool seen_already(
	struct objects *o, struct process *p, const struct mapping *m, uint64_t now_ns)
{
	struct object *x = shared_find(o, m->dev, m->ino, mapping_is_sysv(m));

	if (!x || x->seen_ns != now_ns || !x->end || x->pid == p->pid)
		return false;
	x->store |= x->kind == OBJECT_SHARED && mapping_is_plasma(m);
	remember(p, (unsigned)(x - o->shared));
	return true;
}

static void note_file(struct objects *o, const struct mapping *m, uint64_t now_ns)
{
	mapped_files_note(&o->files, m->dev, m->ino, m->offset + (m->end - m->start), now_ns);
}

/*
 * Without the right to stat through map_files: SysV segments have a list of their own, and others
 * may be known through somebody's descriptor.
 */
static void scan_refused(
	struct objects *o, struct process *p, const struct mapping *m, uint64_t now_ns)
{
	struct stat st = { .st_dev = m->dev, .st_ino = m->ino };
	uint64_t bytes;

	if (mapping_is_sysv(m) && sysv_bytes(o->proc_fd, m->ino, &bytes)) {
		st.st_blocks = (blkcnt_t)(bytes / STAT_BLOCK);
		note(o, p, &st, OBJECT_SHARED, m, now_ns);
	} else {
		p->refused = true;
		p->unmeasured |= !shared_find(o, m->dev, m->ino, mapping_is_sysv(m));
	}
}

static void scan_mapping(struct objects *o, struct process *p, struct mapping *m, uint64_t now_ns)
{
	const struct device *device = devices_find(&o->devices, m->dev);
	char path[PROC_PATH];
	struct stat st;
	bool plasma;

	/* Nearly all are those of programs and libraries: what they are called does not matter. */
	if (!m->shared && device && !device->tmpfs) {
		note_file(o, m, now_ns);
		return;
	}
	if (mappings_path(o->mappings, m))
		return;
	if (m->shared && seen_already(o, p, m, now_ns))
		return;
	map_files_path(path, p->pid, m->start, m->end);
	/* A private mapping of a file that still has its name is a program or library, even where
	 * the whole root lies on tmpfs (diskless nodes): not the step's memory. */
	if (!m->shared && !strstr(m->path, " (deleted)")) {
		note_file(o, m, now_ns);
		if (!device)
			devices_is_tmpfs(&o->devices, o->proc_fd, m->dev, path);
		return;
	}
	if (fstatat(o->proc_fd, path, &st, 0)) {
		if (errno == EPERM || errno == EACCES)
			scan_refused(o, p, m, now_ns);
		return;
	}
	plasma = m->shared && mapping_is_plasma(m);
	if (devices_is_tmpfs(&o->devices, o->proc_fd, st.st_dev, path))
		note(o, p, &st, OBJECT_SHARED, m, now_ns);
	else if (plasma)
		note(o, p, &st, OBJECT_FALLBACK, m, now_ns);
	else
		note_file(o, m, now_ns);
}

static int scan_mappings(struct objects *o, struct process *p, uint64_t now_ns, bool whole)
{
	struct mapping m;
	int rc = mappings_open(o->mappings, p->pid, !whole);

	if (rc)
		return rc;
	while ((rc = mappings_next(o->mappings, &m)) > 0)
		scan_mapping(o, p, &m, now_ns);
	mappings_close(o->mappings);
	return rc;
}

/* A file that is resident but mapped by nobody is found through who holds it open. */
static int scan_descriptors(struct objects *o, struct process *p, uint64_t now_ns)
{
	char path[PROC_PATH];
	struct dirent *entry;
	int fd, seen = 0;
	DIR *dir;

	procfile_path(path, p->pid, "fd");
	fd = openat(o->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir)) && seen++ < DESCRIPTORS_MAX) {
		char link[MAPS_PATH];
		struct mapping m = { 0 };
		struct stat st;
		ssize_t n;

		if (entry->d_name[0] == '.' || fstatat(fd, entry->d_name, &st, 0) ||
			!S_ISREG(st.st_mode) || st.st_uid != p->status.uid)
			continue;
		m.start = strtoull(entry->d_name, NULL, 10);
		path_of_descriptor(path, p->pid, m.start);
		if (!devices_is_tmpfs(&o->devices, o->proc_fd, st.st_dev, path))
			continue;
		n = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		memcpy(m.path, link, (size_t)n);
		note(o, p, &st, OBJECT_SHARED, &m, now_ns);
	}
	closedir(dir);
	return 0;
}

int objects_scan(struct objects *o, struct process *p, uint64_t now_ns, bool whole)
{
	int rc;

	p->objects_n = 0;
	p->unmeasured = p->refused = false;
	rc = scan_mappings(o, p, now_ns, whole);
	if (rc == 0 && (whole || p->refused))
		rc = scan_descriptors(o, p, now_ns);
	return rc;
}

static int witness_stat(struct objects *o, const struct object *x, struct stat *out)
{
	char path[PROC_PATH];

	if (x->end)
		return map_files_stat(&o->map_files, x->pid, x->start, x->end, out);
	path_of_descriptor(path, x->pid, x->start);
	return fstatat(o->proc_fd, path, out, 0);
}

/* Whether the witness still leads to the object; then its size is up to date. */
static bool witness_holds(struct objects *o, struct object *x)
{
	struct stat st;

	if (witness_stat(o, x, &st))
		return x->sysv && (errno == EPERM || errno == EACCES) &&
			sysv_bytes(o->proc_fd, x->ino, &x->bytes);
	if (st.st_ino != x->ino || st.st_dev != x->dev)
		return false;
	x->bytes = blocks_of(&st);
	return true;
}

static bool process_has(const struct process *p, unsigned index)
{
	/* A full list may have left it out. */
	if (p->objects_n == PROCESS_OBJECTS)
		return true;
	for (unsigned i = 0; i < p->objects_n; i++)
		if (p->objects[i] == index)
			return true;
	return false;
}

static bool witness_find(
	struct objects *o, struct process_table *table, unsigned index, uint64_t now_ns)
{
	for (unsigned i = 0; i < process_count(table); i++) {
		struct process *p = process_at(table, i);

		if (!process_has(p, index))
			continue;
		o->shared[index].end = 0; /* whoever is found next is better */
		if (objects_scan(o, p, now_ns, true) == 0 && o->shared[index].pid == p->pid &&
			process_has(p, index) && witness_holds(o, &o->shared[index]))
			return true;
	}
	return false;
}

void objects_measure(struct objects *o, struct process_table *table, uint64_t now_ns)
{
	for (unsigned i = 0; i < o->end; i++) {
		struct object *x = &o->shared[i];

		if (!x->used || (process_find(table, x->pid) && witness_holds(o, x)))
			continue;
		if (!witness_find(o, table, i, now_ns))
			o->shared[i].used = false;
	}
	map_files_settle(&o->map_files);
}

void objects_expire(struct objects *o, uint64_t before_ns)
{
	/* A device number may belong to another file system by now. */
	o->devices.n = 0;
	mapped_files_expire(&o->files, before_ns);
}

struct object_totals objects_totals(const struct objects *o)
{
	struct object_totals t = { 0 };

	for (unsigned i = 0; i < o->end; i++) {
		const struct object *x = &o->shared[i];

		if (!x->used)
			continue;
		if (x->kind == OBJECT_FALLBACK) {
			t.fallback += x->bytes;
			t.file += x->bytes;
			continue;
		}
		t.shared += x->bytes;
		if (x->store)
			t.store += x->bytes;
	}
	t.file += o->files.bytes;
	return t;
}

const struct object *objects_shared(const struct objects *o, unsigned *i)
{
	while (*i < o->end) {
		const struct object *x = &o->shared[(*i)++];

		if (x->used && x->kind == OBJECT_SHARED && x->bytes)
			return x;
	}
	return NULL;
}

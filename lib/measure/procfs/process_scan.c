/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/process_scan.h"

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
#include "measure/procfs/descriptors.h"
#include "measure/procfs/vma_stat.h"

enum { LINK_SIZE = 4096 };

int process_scan_init(struct process_scanner *s, int proc_fd)
{
	*s = (struct process_scanner){
		.proc_fd = proc_fd,
		.mappings = vma_iter_create(proc_fd),
		.devices = devices_create(proc_fd),
		.budget = { .look_ns = SCAN_LOOK_NS, .process_ns = SCAN_PROCESS_NS },
	};
	s->begin = file_clock();
	if (s->mappings && s->devices)
		return 0;
	process_scan_clear(s);
	return -ENOMEM;
}

void process_scan_clear(struct process_scanner *s)
{
	vma_iter_destroy(s->mappings);
	devices_destroy(s->devices);
	sysv_clear(&s->sysv);
	object_table_clear(&s->shared);
	object_table_clear(&s->fallback);
	object_table_clear(&s->huge);
	object_table_clear(&s->refused);
	file_set_clear(&s->files);
	file_set_clear(&s->locked);
}

static struct object_witness witness_of(const struct process *p, const struct mapping *m)
{
	return (struct object_witness){ .pid = p->pid, .start = m->start, .end = m->end };
}

/* An object that a scan came upon. */
struct found {
	struct object_table *table;
	uint64_t dev;
	uint64_t ino;
	bool sysv;
	bool store;
	bool fallback;
	bool only_own; /* counts only where the process's user made it after the step's start */
};

/*
 * The store is one file. What does not fit into it has a file for each object in the session's
 * directory, which may be memory, too.
 */
static bool is_fallback(
	const struct process_scanner *s, const struct found *f, const struct stat *st)
{
	return f->store && s->store_size && s->store_size != UNKNOWN &&
		(uint64_t)st->st_size < s->store_size;
}

/* m: the mapping that leads to the object; with m->end 0 m->start is the number of a descriptor. */
static void note(struct process_scanner *s, const struct process *p, const struct found *f,
	const struct mapping *m, uint64_t bytes)
{
	struct object_witness w = witness_of(p, m);
	int i = object_table_find(f->table, f->dev, f->ino, f->sysv);

	if (i < 0)
		i = object_table_add(f->table, f->dev, f->ino, f->sysv);
	if (i < 0) {
		s->no_room++;
		return;
	}
	f->table->rows[i].store |= f->store;
	f->table->rows[i].fallback = f->fallback;
	f->table->rows[i].bytes = bytes;
	object_table_witness(f->table, (unsigned)i, &w, s->now_ns);
}

/*
 * Whether the object is known, so that another process may be its witness without a stat: each look
 * measures known objects through a witness, and only while one leads there is the number not used
 * again.
 */
static bool is_known(struct process_scanner *s, const struct process *p, const struct found *f,
	const struct mapping *m)
{
	int i = object_table_find(f->table, f->dev, f->ino, f->sysv);
	struct object_witness w = witness_of(p, m);

	if (i < 0 || f->table->states[i].lost_ns)
		return false;
	/* How many huge pages of a process are the object's is told by the size that it has now. */
	if (f->table == &s->huge && f->table->states[i].seen_ns != s->now_ns)
		return false;
	f->table->rows[i].store |= f->store;
	object_table_witness(f->table, (unsigned)i, &w, s->now_ns);
	return true;
}

static void note_file(struct process_scanner *s, const struct mapping *m)
{
	file_set_note(&s->files, m->dev, m->ino, m->offset + (m->end - m->start), s->now_ns);
}

static void note_locked(struct process_scanner *s, const struct mapping *m)
{
	file_set_note(&s->locked, m->dev, m->ino, m->offset + (m->end - m->start), s->now_ns);
}

static void note_refused(struct process_scanner *s, const struct process *p, const struct found *f,
	const struct mapping *m)
{
	struct found refused = *f;

	refused.table = &s->refused;
	note(s, p, &refused, m, 0);
}

/*
 * Without the right to stat through map_files: the kernel lists SysV segments for everybody, and
 * another process's descriptor may lead to other objects.
 */
static void scan_refused(struct process_scanner *s, struct process *p, const struct found *f,
	const struct mapping *m)
{
	uint64_t bytes;

	if (f->sysv && !sysv_is_foreign(f->dev) &&
		sysv_bytes(&s->sysv, s->proc_fd, s->now_ns, f->ino, &bytes)) {
		note(s, p, f, m, bytes);
		return;
	}
	p->refused = true;
	if (object_table_find(f->table, f->dev, f->ino, f->sysv) >= 0)
		return;
	if (f->table == &s->shared && !f->sysv)
		note_refused(s, p, f, m);
	/* A named file that is mapped privately is mostly a program's, and the step's own is found by name. */
	p->unmeasured |= !f->only_own;
}

static void scan_object(
	struct process_scanner *s, struct process *p, struct found *f, const struct mapping *m)
{
	char path[PROC_PATH];
	struct stat st;

	if (is_known(s, p, f, m))
		return;
	map_files_path(path, p->via, m->start, m->end);
	if (link_stat(s->proc_fd, path, &st)) {
		if (errno == EPERM || errno == EACCES)
			scan_refused(s, p, f, m);
		return;
	}
	if (!S_ISREG(st.st_mode))
		return;
	if (f->only_own && !link_is_newer(s->proc_fd, path, p->status.uid, s->begin)) {
		note_file(s, m);
		return;
	}
	/* btrfs and overlay show other numbers in maps. */
	f->dev = st.st_dev | (f->sysv ? f->dev - sysv_device(f->dev) : 0);
	f->ino = st.st_ino;
	f->fallback = is_fallback(s, f, &st);
	note(s, p, f, m, (uint64_t)st.st_blocks * STAT_BLOCK);
}

/*
 * Shared: what is mapped shared on tmpfs, and private views of deleted files there. A private view
 * of a file that has its name is mostly a program or library, even where the whole root lies on
 * tmpfs (diskless nodes), or an image of the node: memory of the step only where the step made it.
 */
static void scan_memory(struct process_scanner *s, struct process *p, struct mapping *m)
{
	struct found f = { .table = &s->shared, .dev = m->dev, .ino = m->ino };

	if (vma_iter_path(s->mappings, m))
		return;
	f.store = m->shared && mapping_is_plasma(m);
	f.sysv = devices_is_internal(s->devices, m->dev) && mapping_is_sysv(m);
	if (f.sysv)
		f.dev |= sysv_space(&s->sysv, s->proc_fd, p->via, s->now_ns);
	f.only_own = !m->shared && !strstr(m->path, " (deleted)");
	scan_object(s, p, &f, m);
}

/* Huge pages. What of the process's own figure is not of objects is private: see totals.c. */
static void scan_huge(struct process_scanner *s, struct process *p, struct mapping *m)
{
	struct found f = { .table = &s->huge, .dev = m->dev, .ino = m->ino };
	uint64_t length = m->end - m->start, bytes;
	int i;

	f.store = m->shared && !vma_iter_path(s->mappings, m) && mapping_is_plasma(m);
	scan_object(s, p, &f, m);
	i = object_table_find(f.table, f.dev, f.ino, f.sysv);
	bytes = i < 0 ? 0 : f.table->rows[i].bytes;
	p->huge_mapped += bytes < length ? bytes : length;
}

/*
 * A file that no stat may touch. The pages of rings and of secret memory look like a file's, but
 * nothing can drop them.
 */
static void scan_other(struct process_scanner *s, struct mapping *m)
{
	bool pinned = m->shared && !vma_iter_path(s->mappings, m) && mapping_is_pinned(m);

	/* A child that inherits the mapping has the same address. */
	if (pinned && mapping_is_anonymous_inode(m)) {
		m->ino ^= m->start << 8;
		m->offset = 0;
	}
	note_file(s, m);
	if (pinned)
		note_locked(s, m);
}

static void scan_local(struct process_scanner *s, struct process *p, struct mapping *m)
{
	struct found f = { .table = &s->fallback, .dev = m->dev, .ino = m->ino };

	/* Nearly all mappings are those of programs and libraries: their names do not matter. */
	if (m->shared && !vma_iter_path(s->mappings, m) && mapping_is_plasma(m)) {
		/* What does not fit into the store has a file for each object. */
		f.store = s->store_size && m->end - m->start >= s->store_size;
		scan_object(s, p, &f, m);
	} else
		note_file(s, m);
}

static void scan_mapping(struct process_scanner *s, struct process *p, struct mapping *m)
{
	switch (devices_of_mapping(s->devices, p->via, m->dev)) {
	case DEVICE_MEMORY:
		scan_memory(s, p, m);
		break;
	case DEVICE_HUGE:
		scan_huge(s, p, m);
		break;
	case DEVICE_RAM:
		note_file(s, m);
		note_locked(s, m);
		break;
	case DEVICE_LOCAL:
		scan_local(s, p, m);
		break;
	case DEVICE_UNKNOWN:
		s->unknown_devices++;
		note_file(s, m);
		break;
	case DEVICE_OTHER:
		scan_other(s, m);
		break;
	}
}

static int scan_mappings(struct process_scanner *s, struct process *p, bool whole)
{
	/* The text of maps has to be read again from its beginning before a scan can go on. */
	struct scan_meter meter = scan_meter_begin(&s->budget, p->scan.address ? 4 : 1);
	struct mapping m;
	int rc = vma_iter_open(s->mappings, p->via, !whole, p->scan.address);

	if (rc)
		return rc;
	while ((rc = vma_iter_next(s->mappings, &m)) > 0) {
		if (rc != VMA_ITER_SKIPPED)
			scan_mapping(s, p, &m);
		if (!scan_meter_step(&meter)) {
			p->scan.address = vma_iter_address(s->mappings);
			rc = PROCESS_SCAN_CUT;
			break;
		}
	}
	vma_iter_close(s->mappings);
	scan_meter_end(&meter);
	p->scan.steps += meter.steps;
	return rc;
}

/* The link's text is read first: that does not touch the file. */
static void scan_descriptor(
	struct process_scanner *s, struct process *p, int dir, const char *descriptor)
{
	char link[LINK_SIZE];
	struct mapping m = { .start = strtoull(descriptor, NULL, 10) };
	struct found f = { .table = &s->shared };
	enum device_kind kind;
	struct stat st;
	ssize_t n = readlinkat(dir, descriptor, link, sizeof(link) - 1);

	if (n <= 0)
		return;
	link[n] = '\0';
	if (!strncmp(link, "socket:[", 8))
		p->in_flight += descriptor_in_flight(s->proc_fd, p->via, descriptor);
	if (descriptor_is_dull(link))
		return;
	if (core_log_of(link) != CORE_LOG_NONE)
		p->core_log = core_log_of(link);
	kind = devices_of_descriptor(s->devices, p->via, descriptor);
	s->unknown_devices += kind == DEVICE_UNKNOWN;
	if (kind == DEVICE_HUGE)
		f.table = &s->huge;
	else if (kind != DEVICE_MEMORY)
		return;
	if (link_stat(dir, descriptor, &st) || !S_ISREG(st.st_mode) || st.st_uid != p->status.uid)
		return;
	mapping_path_set(&m, link, (size_t)n);
	f.dev = st.st_dev;
	f.ino = st.st_ino;
	f.store = mapping_is_plasma(&m);
	f.fallback = is_fallback(s, &f, &st);
	note(s, p, &f, &m, (uint64_t)st.st_blocks * STAT_BLOCK);
}

/* A file that is resident but mapped by nobody is found through who holds it open. */
static int scan_descriptors(struct process_scanner *s, struct process *p)
{
	struct scan_meter meter = scan_meter_begin(&s->budget, 1);
	DIR *dir = descriptors_open(s->proc_fd, p->via, p->scan.position);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			scan_descriptor(s, p, dirfd(dir), entry->d_name);
		if (!scan_meter_step(&meter)) {
			p->scan.position = entry->d_off;
			rc = PROCESS_SCAN_CUT;
			break;
		}
	}
	closedir(dir);
	scan_meter_end(&meter);
	p->scan.steps += meter.steps;
	return rc;
}

int process_scan(struct process_scanner *s, struct process *p, bool whole)
{
	int rc = 0;

	if (!p->scan.resumes) {
		p->scan.stage = SCAN_AT_MAPPINGS;
		p->scan.address = 0;
		p->scan.position = 0;
		p->huge_mapped = 0;
		if (whole)
			p->in_flight = 0;
	}
	if (p->scan.stage == SCAN_AT_MAPPINGS)
		rc = scan_mappings(s, p, whole);
	if (rc == 0 && (whole || p->refused)) {
		p->scan.stage = SCAN_AT_DESCRIPTORS;
		rc = scan_descriptors(s, p);
	}
	return rc;
}

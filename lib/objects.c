#include "objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "maps.h"
#include "procfile.h"
#include "units.h"

/* st_blocks counts these, whatever the file system's own block size: stat(2). */
enum { STAT_BLOCK = 512 };

enum {
	OBJECTS_MAX = 4096, /* of each table; what does not fit any more is not counted */
	DEVICES_MAX = 32,
	DESCRIPTORS_MAX = 1024, /* looked at per process and scan */
	SCRATCH = 64 * 1024,
};

/* Shared objects are measured at every tick and few; mapped files are many and only scanned. */
struct object_list {
	struct object *entries; /* an index stays an object's for as long as it is used */
	unsigned end; /* behind the last used entry */
	unsigned capacity;
};

struct device {
	dev_t dev;
	bool tmpfs;
};

struct objects {
	int proc_fd;
	struct object_list shared;
	struct object_list files;
	struct device devices[DEVICES_MAX];
	unsigned devices_n;
	char scratch[SCRATCH];
};

struct objects *objects_create(int proc_fd)
{
	struct objects *o = calloc(1, sizeof(*o));

	if (o)
		o->proc_fd = proc_fd;
	return o;
}

void objects_destroy(struct objects *o)
{
	if (!o)
		return;
	free(o->shared.entries);
	free(o->files.entries);
	free(o);
}

/* The object's entry, or a free one with used unset; NULL where there is no room. */
static struct object *list_find(struct object_list *l, dev_t dev, uint64_t ino, bool sysv)
{
	struct object *vacant = NULL;

	for (unsigned i = 0; i < l->end; i++) {
		struct object *x = &l->entries[i];

		if (x->used && x->ino == ino && x->dev == dev && x->sysv == sysv)
			return x;
		if (!x->used && !vacant)
			vacant = x;
	}
	if (vacant)
		return vacant;
	if (l->end == l->capacity) {
		unsigned capacity = l->capacity ? 2 * l->capacity : 64;
		struct object *entries;

		if (capacity > OBJECTS_MAX)
			return NULL;
		entries = realloc(l->entries, capacity * sizeof(*entries));
		if (!entries)
			return NULL;
		memset(entries + l->capacity, 0, (capacity - l->capacity) * sizeof(*entries));
		l->entries = entries;
		l->capacity = capacity;
	}
	return &l->entries[l->end++];
}

static void path_of_mapping(char path[PROC_PATH], pid_t pid, uint64_t start, uint64_t end)
{
	snprintf(path, PROC_PATH, "%d/map_files/%llx-%llx", pid, (unsigned long long)start,
		(unsigned long long)end);
}

static void path_of_descriptor(char path[PROC_PATH], pid_t pid, uint64_t fd)
{
	snprintf(path, PROC_PATH, "%d/fd/%llu", pid, (unsigned long long)fd);
}

/* Whether dev is a tmpfs, asked once per device through path, which leads to a file on it. */
static bool device_is_tmpfs(struct objects *o, dev_t dev, const char *path)
{
	struct device *d;
	struct statfs fs;
	bool known;
	int fd;

	for (unsigned i = 0; i < o->devices_n; i++)
		if (o->devices[i].dev == dev)
			return o->devices[i].tmpfs;
	fd = openat(o->proc_fd, path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	known = fstatfs(fd, &fs) == 0;
	close(fd);
	if (!known)
		return false;
	/* Full: forget all, so that a node with many mounts is slow rather than wrong. */
	if (o->devices_n == DEVICES_MAX)
		o->devices_n = 0;
	d = &o->devices[o->devices_n++];
	d->dev = dev;
	d->tmpfs = (unsigned long)fs.f_type == TMPFS_MAGIC;
	return d->tmpfs;
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
	struct object *x = list_find(&o->shared, st->st_dev, st->st_ino, sysv);

	if (!x)
		return;
	if (!x->used)
		*x = (struct object){ .used = true,
			.kind = kind,
			.dev = st->st_dev,
			.ino = st->st_ino,
			.sysv = sysv };
	x->store |= kind == OBJECT_SHARED && mapping_is_plasma(m);
	x->bytes = blocks_of(st);
	x->seen_ns = now_ns;
	/* A mapping is the better witness: a descriptor's number is soon used again. */
	if (m->end || !x->end || x->pid == p->pid) {
		x->pid = p->pid;
		x->start = m->start;
		x->end = m->end;
	}
	remember(p, (unsigned)(x - o->shared.entries));
}

static void note_file(struct objects *o, const struct mapping *m, uint64_t now_ns)
{
	struct object *x = list_find(&o->files, m->dev, m->ino, false);
	uint64_t extent = m->offset + (m->end - m->start);

	if (!x)
		return;
	if (!x->used)
		*x = (struct object){
			.used = true, .kind = OBJECT_FILE, .dev = m->dev, .ino = m->ino
		};
	if (x->bytes < extent)
		x->bytes = extent;
	x->seen_ns = now_ns;
}

/*
 * What /proc/sysvipc/shm says of a segment (its id is the inode number): resident and swapped
 * bytes, the last two of 16 columns, proc(5). It needs no right to look into the mapping.
 */
static bool sysv_bytes(struct objects *o, uint64_t ino, uint64_t *bytes)
{
	char line[512], path[] = "sysvipc/shm";
	bool found = false;
	int fd = openat(o->proc_fd, path, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && fgets(line, sizeof(line), f)) {
		unsigned long long id, rss, swap;

		found = sscanf(line,
				"%*d %llu %*o %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu "
				"%llu",
				&id, &rss, &swap) == 3 &&
			id == ino;
		if (found)
			*bytes = rss + swap;
	}
	fclose(f);
	return found;
}

static bool is_known(const struct objects *o, const struct mapping *m)
{
	for (unsigned i = 0; i < o->shared.end; i++) {
		const struct object *x = &o->shared.entries[i];

		if (x->used && x->ino == m->ino && x->dev == m->dev &&
			x->sysv == mapping_is_sysv(m))
			return true;
	}
	return false;
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

	if (mapping_is_sysv(m) && sysv_bytes(o, m->ino, &bytes)) {
		st.st_blocks = (blkcnt_t)(bytes / STAT_BLOCK);
		note(o, p, &st, OBJECT_SHARED, m, now_ns);
	} else {
		p->refused = true;
		p->unmeasured |= !is_known(o, m);
	}
}

static void scan_mapping(
	struct objects *o, struct process *p, const struct mapping *m, uint64_t now_ns)
{
	bool plasma = m->shared && mapping_is_plasma(m);
	char path[PROC_PATH];
	struct stat st;

	if (!mapping_has_file(m))
		return;
	/* A private mapping of a file that still has its name is a program or library, even where
	 * the whole root lies on tmpfs (diskless nodes): not the step's memory. */
	if (!m->shared && !strstr(m->path, " (deleted)")) {
		note_file(o, m, now_ns);
		return;
	}
	path_of_mapping(path, p->pid, m->start, m->end);
	if (fstatat(o->proc_fd, path, &st, 0)) {
		if (errno == EPERM || errno == EACCES)
			scan_refused(o, p, m, now_ns);
		return;
	}
	if (device_is_tmpfs(o, st.st_dev, path))
		note(o, p, &st, OBJECT_SHARED, m, now_ns);
	else if (plasma)
		note(o, p, &st, OBJECT_FALLBACK, m, now_ns);
	else
		note_file(o, m, now_ns);
}

static int scan_maps(struct objects *o, struct process *p, uint64_t now_ns)
{
	char path[PROC_PATH];
	size_t have = 0;
	ssize_t n;
	int fd, error = 0;

	snprintf(path, sizeof(path), "%d/maps", p->pid);
	fd = openat(o->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, o->scratch + have, SCRATCH - have)) != 0) {
		const char *pos = o->scratch;
		struct mapping m;
		int rc;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error = -errno;
			break;
		}
		have += (size_t)n;
		while ((rc = maps_next(&pos, o->scratch + have, &m)) != 0)
			if (rc > 0)
				scan_mapping(o, p, &m, now_ns);
		have -= (size_t)(pos - o->scratch);
		memmove(o->scratch, pos, have);
		/* No line is that long (PATH_MAX is 4 KiB): what cannot be a line is dropped. */
		if (have == SCRATCH)
			have = 0;
	}
	close(fd);
	return error;
}

/* A file that is resident but mapped by nobody is found through who holds it open. */
static int scan_descriptors(struct objects *o, struct process *p, uint64_t now_ns)
{
	char path[PROC_PATH];
	struct dirent *entry;
	int fd, seen = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%d/fd", p->pid);
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
		if (!device_is_tmpfs(o, st.st_dev, path))
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

int objects_scan(struct objects *o, struct process *p, uint64_t now_ns, bool fds)
{
	int rc;

	p->objects_n = 0;
	p->unmeasured = p->refused = false;
	rc = scan_maps(o, p, now_ns);
	if (rc == 0 && (fds || p->refused))
		rc = scan_descriptors(o, p, now_ns);
	return rc;
}

/* Whether the witness still leads to the object; then its size is up to date. */
static bool witness_holds(struct objects *o, struct object *x)
{
	char path[PROC_PATH];
	struct stat st;

	if (x->end)
		path_of_mapping(path, x->pid, x->start, x->end);
	else
		path_of_descriptor(path, x->pid, x->start);
	if (fstatat(o->proc_fd, path, &st, 0))
		return x->sysv && (errno == EPERM || errno == EACCES) &&
			sysv_bytes(o, x->ino, &x->bytes);
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
		o->shared.entries[index].end = 0; /* whoever is found next is better */
		if (objects_scan(o, p, now_ns, true) == 0 &&
			o->shared.entries[index].pid == p->pid && process_has(p, index) &&
			witness_holds(o, &o->shared.entries[index]))
			return true;
	}
	return false;
}

void objects_measure(struct objects *o, struct process_table *table, uint64_t now_ns)
{
	for (unsigned i = 0; i < o->shared.end; i++) {
		struct object *x = &o->shared.entries[i];

		if (!x->used || (process_find(table, x->pid) && witness_holds(o, x)))
			continue;
		if (!witness_find(o, table, i, now_ns))
			o->shared.entries[i].used = false;
	}
}

void objects_expire(struct objects *o, uint64_t before_ns)
{
	/* A device number may belong to another file system by now. */
	o->devices_n = 0;
	for (unsigned i = 0; i < o->files.end; i++)
		if (o->files.entries[i].seen_ns < before_ns)
			o->files.entries[i].used = false;
}

struct object_totals objects_totals(const struct objects *o)
{
	struct object_totals t = { 0 };

	for (unsigned i = 0; i < o->shared.end; i++) {
		const struct object *x = &o->shared.entries[i];

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
	for (unsigned i = 0; i < o->files.end; i++)
		if (o->files.entries[i].used)
			t.file += o->files.entries[i].bytes;
	return t;
}

const struct object *objects_shared(const struct objects *o, unsigned *i)
{
	while (*i < o->shared.end) {
		const struct object *x = &o->shared.entries[(*i)++];

		if (x->used && x->kind == OBJECT_SHARED && x->bytes)
			return x;
	}
	return NULL;
}

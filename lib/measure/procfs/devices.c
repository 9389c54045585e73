/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/mount_parse.h"

enum {
	SLOTS = 4096, /* a power of two */
	SLOTS_USED = SLOTS / 2,
	BUFFER = 32 * 1024, /* longer than any line of mountinfo that counts */
	READS = 8, /* mountinfo files read in a look */
	READ_SIZE = 4 * 1024 * 1024, /* of one mountinfo file, about 40,000 mounts */
	/* Of 64 KiB to 16 GiB. Each size of huge pages has a mount: memfd_create(2). */
	HUGE_SHIFT_MIN = 16,
	HUGE_SHIFT_MAX = 34,
	INTERNALS = 2 + HUGE_SHIFT_MAX - HUGE_SHIFT_MIN,
};

/* Devices and mounts stand in one table; ids of mounts have this bit. */
#define KEY_MOUNT (1ULL << 63)

struct slot {
	uint64_t key;
	enum device_kind kind; /* DEVICE_UNKNOWN: the slot is free */
};

/* A mount of the kernel's own, which no mountinfo lists. */
struct internal {
	enum device_kind kind;
	dev_t dev;
	uint64_t mount;
};

struct devices {
	int proc_fd;
	unsigned internals_n;
	struct internal internals[INTERNALS];
	unsigned used;
	unsigned reads; /* in this look */
	unsigned namespaces_n;
	char namespaces[READS][32]; /* read whole in this look, as readlink of ns/mnt names them */
	struct slot slots[SLOTS];
	char buf[BUFFER];
};

/* Learns where the kernel keeps what memfd_create makes with these flags, if it makes it at all. */
static void internal_learn(struct devices *d, unsigned flags, enum device_kind kind)
{
	int fd = memfd_create("raypss", MFD_CLOEXEC | flags);
	struct internal *internal = &d->internals[d->internals_n];
	char path[64], text[256];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "self/fdinfo/%d", fd);
	n = procfile_read(d->proc_fd, path, text, sizeof(text));
	if (n <= 0 || mount_of_fdinfo(text, (size_t)n, &internal->mount))
		internal->mount = UINT64_MAX;
	if (fstat(fd, &st) == 0) {
		internal->kind = kind;
		internal->dev = st.st_dev;
		d->internals_n++;
	}
	close(fd);
}

static const struct internal *internal_of(const struct devices *d, dev_t dev)
{
	for (unsigned i = 0; i < d->internals_n; i++)
		if (d->internals[i].dev == dev)
			return &d->internals[i];
	return NULL;
}

struct devices *devices_create(int proc_fd)
{
	struct devices *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->proc_fd = proc_fd;
	internal_learn(d, 0, DEVICE_MEMORY);
	for (unsigned shift = HUGE_SHIFT_MIN; shift <= HUGE_SHIFT_MAX; shift++)
		internal_learn(d, MFD_HUGETLB | shift << MFD_HUGE_SHIFT, DEVICE_HUGE);
	return d;
}

void devices_destroy(struct devices *d)
{
	free(d);
}

void devices_begin(struct devices *d)
{
	d->reads = 0;
	d->namespaces_n = 0;
}

void devices_forget(struct devices *d)
{
	memset(d->slots, 0, sizeof(d->slots));
	d->used = 0;
	d->namespaces_n = 0;
}

dev_t devices_internal(const struct devices *d)
{
	/* Of the first one: without it none is known. */
	return d->internals_n && d->internals[0].kind == DEVICE_MEMORY ? d->internals[0].dev : 0;
}

bool devices_is_internal(const struct devices *d, dev_t dev)
{
	const struct internal *internal = internal_of(d, dev);

	return internal && internal->kind == DEVICE_MEMORY;
}

/* The slot of the key, or the free one where the key would stand. */
static struct slot *slot_of(struct devices *d, uint64_t key)
{
	unsigned i = (unsigned)(key * 0x9e3779b97f4a7c15u >> 40) & (SLOTS - 1);

	while (d->slots[i].kind != DEVICE_UNKNOWN && d->slots[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return &d->slots[i];
}

static void remember(struct devices *d, uint64_t key, enum device_kind kind)
{
	struct slot *s = slot_of(d, key);

	if (s->kind == DEVICE_UNKNOWN && d->used == SLOTS_USED)
		return;
	d->used += s->kind == DEVICE_UNKNOWN;
	*s = (struct slot){ key, kind };
}

/*
 * The file systems that an unprivileged user cannot mount, or whose stat needs no server. An overlay
 * may have anything below it: only the node's own overlays count as local.
 */
static enum device_kind kind_of_type(const char *type, bool own_namespace)
{
	static const char *const local[] = { "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs",
		"zfs", "bcachefs" };

	if (!strcmp(type, "tmpfs") || !strcmp(type, "devtmpfs"))
		return DEVICE_MEMORY;
	if (!strcmp(type, "hugetlbfs"))
		return DEVICE_HUGE;
	if (!strcmp(type, "ramfs"))
		return DEVICE_RAM;
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		if (!strcmp(type, local[i]))
			return DEVICE_LOCAL;
	return own_namespace && !strcmp(type, "overlay") ? DEVICE_LOCAL : DEVICE_OTHER;
}

/* Takes over the whole lines of the buffer. Returns how many bytes of it were used. */
static size_t lines_take(
	struct devices *d, size_t have, uint64_t key, bool own, enum device_kind *kind)
{
	const char *pos = d->buf;
	struct mount_line line;
	int rc;

	while ((rc = mount_line_next(&pos, d->buf + have, &line))) {
		enum device_kind found;

		if (rc < 0)
			continue;
		found = kind_of_type(line.type, own);
		if (key == line.dev || key == (line.id | KEY_MOUNT))
			*kind = found;
		/* The others are many, and few of them are ever asked for. */
		if (found == DEVICE_OTHER)
			continue;
		remember(d, line.dev, found);
		remember(d, line.id | KEY_MOUNT, found);
	}
	return (size_t)(pos - d->buf);
}

/* Looks for the key in one mountinfo. True = the file was read to its end. */
static bool mountinfo_search(
	struct devices *d, const char *path, uint64_t key, bool own, enum device_kind *kind)
{
	int fd = openat(d->proc_fd, path, O_RDONLY | O_CLOEXEC);
	size_t have = 0, total = 0;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	while (total < READ_SIZE) {
		size_t used;

		n = read(fd, d->buf + have, BUFFER - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		total += (size_t)n;
		have += (size_t)n;
		used = lines_take(d, have, key, own, kind);
		/* A line that does not fit is dropped, its rest is then no line of mountinfo. */
		if (!used && have == BUFFER)
			used = have;
		have -= used;
		memmove(d->buf, d->buf + used, have);
	}
	close(fd);
	return n == 0;
}

static bool namespace_was_read(const struct devices *d, const char *name)
{
	for (unsigned i = 0; i < d->namespaces_n; i++)
		if (!strcmp(d->namespaces[i], name))
			return true;
	return false;
}

/*
 * Looks for the key in the mounts that /proc/WHO/mountinfo lists, unless the same namespace was
 * read in this look already. True = what the namespace has is known.
 */
static bool namespace_search(
	struct devices *d, const char *who, uint64_t key, bool own, enum device_kind *kind)
{
	char path[PROC_PATH], name[sizeof(d->namespaces[0])];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ns/mnt", who);
	n = readlinkat(d->proc_fd, path, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = '\0';
	if (*name && namespace_was_read(d, name))
		return true;
	if (d->reads == READS)
		return false;
	d->reads++;
	snprintf(path, sizeof(path), "%s/mountinfo", who);
	if (!mountinfo_search(d, path, key, own, kind))
		return false;
	if (*name)
		strcpy(d->namespaces[d->namespaces_n++], name);
	return true;
}

static enum device_kind search(struct devices *d, pid_t pid, uint64_t key)
{
	enum device_kind kind = slot_of(d, key)->kind;
	char who[16];

	if (kind != DEVICE_UNKNOWN)
		return kind;
	namespace_search(d, "self", key, true, &kind);
	snprintf(who, sizeof(who), "%d", pid);
	if (kind == DEVICE_UNKNOWN && namespace_search(d, who, key, false, &kind) &&
		kind == DEVICE_UNKNOWN)
		kind = DEVICE_OTHER; /* mounted nowhere: of the kernel's own, or detached */
	if (kind != DEVICE_UNKNOWN)
		remember(d, key, kind);
	return kind;
}

enum device_kind devices_of_mapping(struct devices *d, pid_t pid, dev_t dev)
{
	const struct internal *internal = internal_of(d, dev);

	return internal ? internal->kind : search(d, pid, dev);
}

/* pid: whose mounts are asked where ours do not tell. */
static enum device_kind of_fdinfo(struct devices *d, pid_t pid, const char *path)
{
	char text[256];
	uint64_t mount;
	ssize_t n = procfile_read(d->proc_fd, path, text, sizeof(text));

	/* Else closed meanwhile. What follows the mount may be cut: locks, events. */
	if (n <= 0 || mount_of_fdinfo(text, (size_t)n, &mount))
		return DEVICE_OTHER;
	for (unsigned i = 0; i < d->internals_n; i++)
		if (d->internals[i].mount == mount)
			return d->internals[i].kind;
	return search(d, pid, mount | KEY_MOUNT);
}

enum device_kind devices_of_descriptor(struct devices *d, pid_t pid, const char *descriptor)
{
	char path[PROC_PATH];

	snprintf(path, sizeof(path), "%d/fdinfo/%.20s", pid, descriptor);
	return of_fdinfo(d, pid, path);
}

enum device_kind devices_of_open(struct devices *d, pid_t pid, int fd)
{
	char path[PROC_PATH];

	snprintf(path, sizeof(path), "self/fdinfo/%d", fd);
	return of_fdinfo(d, pid, path);
}

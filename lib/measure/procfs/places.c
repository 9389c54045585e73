/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/mount_parse.h"
#include "measure/procfs/namespaces.h"

enum {
	MOUNTINFO = 64 * 1024, /* of one namespace; more mounts are not looked at */
};

static struct place *place_add(struct places *p)
{
	if (p->n == PLACES) {
		p->left_out++;
		return NULL;
	}
	p->places[p->n] = (struct place){ 0 };
	return &p->places[p->n++];
}

void places_init(struct places *p, int proc_fd, const char *const *paths, struct timespec since)
{
	*p = (struct places){ .proc_fd = proc_fd, .since = since };
	p->own_namespace = namespace_of(proc_fd, 0, "mnt");
	p->own_ipc = namespace_of(proc_fd, 0, "ipc");
	for (; paths && *paths; paths++) {
		struct tmpfs_usage usage;
		struct place *place;
		int fd = tmpfs_open(*paths, &usage);

		if (fd < 0)
			continue;
		close(fd);
		place = place_add(p);
		if (place)
			snprintf(place->path, sizeof(place->path), "%s", *paths);
	}
}

/* The kernel writes space, tab, newline and backslash in octal. False = the path is too long. */
static bool point_copy(char path[PLACE_PATH], const struct mount_line *line)
{
	size_t n = 0;

	for (size_t i = 0; i < line->point_len; i++) {
		const char *c = line->point + i;

		if (n == PLACE_PATH - 1)
			return false;
		if (*c == '\\' && i + 3 < line->point_len) {
			path[n++] = (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0'));
			i += 3;
		} else {
			path[n++] = *c;
		}
	}
	path[n] = '\0';
	return true;
}

static bool is_known(const struct places *p, const char *mounts, size_t len, uint64_t dev)
{
	const char *pos = mounts;
	struct mount_line line;
	int rc;

	for (unsigned i = 0; i < p->n; i++)
		if (p->places[i].namespace && p->places[i].usage.dev == dev)
			return true;
	while ((rc = mount_line_next(&pos, mounts + len, &line)))
		if (rc > 0 && line.dev == dev)
			return true;
	return false;
}

static void mounts_take(struct places *p, uint64_t namespace, pid_t pid, const char *theirs,
	size_t len, const char *ours, size_t ours_len)
{
	const char *pos = theirs;
	struct mount_line line;
	int rc;

	while ((rc = mount_line_next(&pos, theirs + len, &line))) {
		struct place *place;

		if (rc < 0 || !line.whole || strcmp(line.type, "tmpfs") != 0 ||
			is_known(p, ours, ours_len, line.dev))
			continue;
		place = place_add(p);
		if (!place)
			continue;
		place->namespace = namespace;
		place->witness = pid;
		place->usage.dev = line.dev;
		if (!point_copy(place->path, &line)) {
			p->n--;
			p->left_out++;
		}
	}
}

/*
 * An IPC namespace lists its segments to its own processes alone: those that nobody has attached are
 * not seen.
 */
static void segments_miss(struct places *p, pid_t pid)
{
	uint64_t namespace = namespace_of(p->proc_fd, pid, "ipc");

	if (!namespace || namespace == p->own_ipc)
		return;
	for (unsigned i = 0; i < p->ipc_n; i++)
		if (p->ipc[i] == namespace)
			return;
	if (p->ipc_n == PLACES)
		return;
	p->ipc[p->ipc_n++] = namespace;
	p->left_out++;
}

void places_of_process(struct places *p, const struct process *process)
{
	char path[PROC_PATH], *buf;
	uint64_t namespace;
	ssize_t ours, theirs;

	segments_miss(p, process->via);
	namespace = namespace_of(p->proc_fd, process->via, "mnt");
	if (!namespace || namespace == p->own_namespace)
		return;
	for (unsigned i = 0; i < p->known_n; i++)
		if (p->known[i] == namespace)
			return;
	if (p->known_n == PLACES) {
		p->left_out++;
		return;
	}
	/* Seldom: once for each container. */
	buf = malloc(2 * (size_t)MOUNTINFO);
	if (!buf)
		return;
	procfile_path(path, process->via, "mountinfo");
	theirs = procfile_read(p->proc_fd, path, buf, MOUNTINFO);
	ours = procfile_read(p->proc_fd, "self/mountinfo", buf + MOUNTINFO, MOUNTINFO);
	if (theirs > 0 && ours > 0) {
		p->known[p->known_n++] = namespace;
		mounts_take(p, namespace, process->pid, buf, (size_t)theirs, buf + MOUNTINFO,
			(size_t)ours);
		/* What is behind may have further mounts, or be one of our own. */
		p->left_out += theirs == MOUNTINFO - 1 || ours == MOUNTINFO - 1;
	}
	free(buf);
}

/* As in linux/openat2.h from 5.12 on, which need not be the headers that we are built with. */
struct how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};
#define NO_SYMLINKS 0x04
#define IN_ROOT 0x10
#define CACHED 0x20
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/*
 * Opens a path of the user's without asking any file system: a mount point and what is above it are
 * in the kernel's cache. Before Linux 5.12 that cannot be asked for, and the place is not seen.
 */
static int open_cached(int root, const char *path)
{
	const struct how how = { .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = IN_ROOT | NO_SYMLINKS | CACHED };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/*
 * The same part by part, none of which may be a link. A server that a user has mounted above can hold
 * us: that is only for programs that are watched, see reading.h.
 */
static int open_parts(int root, const char *path)
{
	int fd = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && *path) {
		size_t skip = strspn(path, "/"), length = strcspn(path + skip, "/");
		char part[PLACE_PATH];
		int next;

		snprintf(part, sizeof(part), "%.*s", (int)length, path + skip);
		path += skip + length;
		if (!length)
			continue;
		next = openat(fd, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	return fd < 0 ? -errno : fd;
}

/* Whose files in /proc lead to the place, 0 = nobody's. */
static pid_t witness_of(const struct places *p, struct process_table *table, struct place *place)
{
	const struct process *found;

	for (unsigned i = 0; !process_find(table, place->witness) && i < process_count(table);
		i++) {
		const struct process *other = process_at(table, i);

		if (namespace_of(p->proc_fd, other->via, "mnt") == place->namespace)
			place->witness = other->pid;
	}
	found = process_find(table, place->witness);
	return found ? found->via : 0;
}

static int foreign_open(const struct places *p, pid_t witness, const char *path)
{
	char root_path[PROC_PATH];
	int root, fd;

	if (!witness)
		return -ENOENT;
	procfile_path(root_path, witness, "root");
	root = openat(p->proc_fd, root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	fd = open_cached(root, path);
	/* A filter of system calls refuses openat2, of which it cannot see the flags. */
	if (fd == -EPERM)
		fd = open_parts(root, path);
	close(root);
	return fd;
}

static bool is_newer(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

int place_open(const struct places *p, struct process_table *table, struct place *place,
	struct tmpfs_usage *usage)
{
	pid_t witness;
	int fd, rc;

	if (!place->namespace)
		return tmpfs_open(place->path, usage);
	witness = witness_of(p, table, place);
	fd = process_reading(table, witness) ? foreign_open(p, witness, place->path) : -EAGAIN;
	process_reading_end(table);
	if (fd < 0)
		return fd;
	rc = tmpfs_usage(fd, usage);
	/* Something else was mounted upon it. */
	if (rc == 0 && usage->dev != place->usage.dev)
		rc = -ENOENT;
	if (rc) {
		close(fd);
		return rc;
	}
	place->own = is_newer(usage->born, p->since);
	return fd;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"
#include "object.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Small: it is the parent's own memory, in no figure of ours. */
#define BLOCK (64 * KIB)

const char *const object_kinds[] = { "plasma", "memfd", "sysv", "anon", "file", NULL };

bool object_has_descriptor(const struct object *object)
{
	return object->kind != OBJECT_SYSV && object->kind != OBJECT_ANON;
}

static int nameless_file(const char *dir, bool tmpfs)
{
	struct statfs fs;
	char path[4096];
	int fd;

	if (statfs(dir, &fs) < 0)
		err(EXIT_FAILED, "%s", dir);
	/* On the wrong kind of file system the truth would be another one. */
	if ((fs.f_type == TMPFS_MAGIC) != tmpfs)
		errx(EXIT_FAILED, "%s: %s tmpfs", dir,
			tmpfs ? "not a" : "a directory on disk is wanted, not");
	if (snprintf(path, sizeof(path), "%s/plasmaXXXXXX", dir) >= (int)sizeof(path))
		errx(EXIT_FAILED, "%s: the path is too long", dir);
	fd = mkstemp(path);
	if (fd < 0)
		err(EXIT_FAILED, "%s", path);
	unlink(path);
	return fd;
}

void object_map(struct object *object)
{
	int flags = MAP_SHARED | (object->kind == OBJECT_ANON ? MAP_ANONYMOUS : 0);

	if (object->kind == OBJECT_SYSV)
		object->memory = shmat(object->id, NULL, 0);
	else
		object->memory =
			mmap(NULL, object->bytes, PROT_READ | PROT_WRITE, flags, object->id, 0);
	if (object->memory == MAP_FAILED) /* shmat's (void *)-1 as well */
		err(EXIT_FAILED, "mapping the shared object");
	madvise(object->memory, object->bytes, MADV_NOHUGEPAGE);
}

void object_create(struct object *object, const char *dir)
{
	object->id = -1;
	if (object->kind == OBJECT_PLASMA)
		object->id = nameless_file("/dev/shm", true);
	else if (object->kind == OBJECT_FILE)
		object->id = nameless_file(dir, false);
	else if (object->kind == OBJECT_MEMFD)
		object->id = memfd_create("plasma", 0);
	else if (object->kind == OBJECT_SYSV)
		object->id = shmget(IPC_PRIVATE, object->bytes, 0600);
	if (object->kind != OBJECT_ANON && object->id < 0)
		err(EXIT_FAILED, "making the shared object");

	/* Blocks now, so that a full file system is an error here and no SIGBUS later. */
	if (object_has_descriptor(object)) {
		errno = posix_fallocate(object->id, 0, (off_t)object->bytes);
		if (errno)
			err(EXIT_FAILED, "%zu bytes for the shared object", object->bytes);
	}
	object_map(object);
	/* Linux still attaches to a removed segment by its id; so nothing leaks if we are killed */
	if (object->kind == OBJECT_SYSV)
		shmctl(object->id, IPC_RMID, NULL);
}

void object_unmap(struct object *object)
{
	if (munmap(object->memory, object->bytes) < 0)
		err(EXIT_FAILED, "unmapping the shared object");
	object->memory = NULL;
}

void object_close(struct object *object)
{
	if (object_has_descriptor(object))
		close(object->id);
}

void object_punch(struct object *object, size_t bytes)
{
	/* FALLOC_FL_PUNCH_HOLE for a mapping: SysV and anonymous objects have no descriptor. */
	if (bytes && madvise(object->memory + object->bytes - bytes, bytes, MADV_REMOVE) < 0)
		err(EXIT_FAILED, "punching a hole of %zu bytes", bytes);
}

int disk_file(const char *dir, size_t bytes)
{
	char block[BLOCK];
	int fd = nameless_file(dir, false);

	memset(block, 0xa5, sizeof(block));
	for (size_t done = 0; done < bytes; done += sizeof(block))
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			err(EXIT_FAILED, "writing a file of %zu bytes in %s", bytes, dir);
	return fd;
}

void disk_file_read(int fd, size_t bytes)
{
	char block[BLOCK];

	for (size_t at = 0; at < bytes; at += sizeof(block))
		if (pread(fd, block, sizeof(block), (off_t)at) != (ssize_t)sizeof(block))
			err(EXIT_FAILED, "reading a file of %zu bytes", bytes);
}

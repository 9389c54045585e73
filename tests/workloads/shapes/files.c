/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings of files: page cache that can be dropped, and what only looks like it. */
#include "../common.h"
#include "../object.h"
#include "shape.h"

#include <err.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DISK "/var/tmp"

static char *file;

static void need_disk(void)
{
	struct statfs fs;

	if (statfs(DISK, &fs) < 0 || fs.f_type == TMPFS_MAGIC)
		shape_skip(DISK " is not on disk");
}

static void read_store(size_t bytes)
{
	read_through(file, bytes);
	shape_private(8 * MIB);
}

/* Ray's store where /dev/shm is too small: dirty page cache, which the kernel can write back. */
static void disk_store(void)
{
	enum { WORKERS = 4 };
	struct object store = { .kind = OBJECT_FILE, .bytes = 64 * MIB };

	need_disk();
	object_create(&store, DISK);
	file = store.memory;
	fill(file, store.bytes);
	object_close(&store);
	for (int i = 0; i < WORKERS; i++)
		children_fork(read_store, store.bytes);
	children_wait(WORKERS);
	shape_stage();
}

static void lock_file(size_t bytes)
{
	/* Locks are not inherited. */
	if (mlock(file, bytes) < 0)
		err(EXIT_FAILED, "mlock");
}

static void locked_file(void)
{
	const size_t bytes = 96 * MIB;
	int fd;

	need_disk();
	fd = disk_file(DISK, bytes);
	file = shape_map(fd, bytes, PROT_READ, MAP_SHARED);
	if (mlock(file, bytes) < 0)
		shape_cannot("mlock");
	children_fork(lock_file, bytes);
	children_wait(1);
	shape_stage();
}

static void lock_end(size_t bytes)
{
	if (mlock(file + 96 * MIB - bytes, bytes) < 0)
		err(EXIT_FAILED, "mlock");
}

/* Each part is a mapping of its own. */
static void locked_parts(void)
{
	const size_t bytes = 96 * MIB, part = 8 * MIB, end = 32 * MIB;
	int fd;

	need_disk();
	fd = disk_file(DISK, bytes);
	file = shape_map(fd, bytes, PROT_READ, MAP_SHARED);
	for (size_t at = 0; at < bytes - end; at += 2 * part)
		if (mlock(file + at, part) < 0)
			shape_cannot("mlock");
	children_fork(lock_end, end);
	children_wait(1);
	shape_stage();
}

/* Only what was touched is locked, and VmLck says all. */
static void locked_on_fault(void)
{
	const size_t bytes = 96 * MIB, touched = 32 * MIB;
	int fd;

	need_disk();
	fd = disk_file(DISK, bytes);
	file = shape_map(fd, bytes, PROT_READ, MAP_SHARED);
	madvise(file, bytes, MADV_RANDOM);
	if (mlockall(MCL_CURRENT | MCL_ONFAULT) < 0)
		shape_cannot("mlockall");
	read_through(file, touched);
	shape_stage();
}

/* No swap and no disk below: ramfs never gives a page back. */
static void ramfs(void)
{
	const size_t bytes = 48 * MIB;
	int fd;

	shape_mount("ramfs", NULL);
	fd = shape_file("/mnt/scratch", bytes);
	read_through(shape_map(fd, bytes, PROT_READ, MAP_SHARED), bytes);
	close(fd);
	shape_stage();
}

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

static void secret(void)
{
	const size_t bytes = 16 * MIB;
	int fd = (int)syscall(SYS_memfd_secret, 0);
	void *memory;

	if (fd < 0)
		shape_cannot("memfd_secret");
	if (ftruncate(fd, (off_t)bytes) < 0)
		err(EXIT_FAILED, "memfd_secret");
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		shape_cannot("16 MiB of memfd_secret");
	close(fd);
	fill(memory, bytes);
	shape_stage();
}

const struct shape file_shapes[] = {
	{ "disk-store", "Ray's store on disk", disk_store },
	{ "locked-file", "llama.cpp --mlock", locked_file },
	{ "locked-parts", "llama.cpp pins the experts in use", locked_parts },
	{ "locked-on-fault", "a database under mlockall(MCL_ONFAULT)", locked_on_fault },
	{ "ramfs", "a file on ramfs", ramfs },
	{ "secret", "memory of memfd_secret", secret },
	{ 0 },
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared memory that some process of the step maps or has open. */
#include "../common.h"
#include "../object.h"
#include "shape.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *object;

static void read_object(size_t bytes)
{
	read_through(object, bytes);
}

static void map_thrice(void)
{
	enum { COLOURS = 3 };
	const size_t bytes = 64 * MIB;
	int fd = shape_memfd(bytes);

	for (int i = 0; i < COLOURS; i++)
		fill(shape_map(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED), bytes);
	close(fd);
	shape_stage();
}

static void stand(size_t unused)
{
	(void)unused;
}

/* More objects than any fixed table has room for. */
static void many_objects(void)
{
	enum { OBJECTS = 6000, READERS = 4 };

	for (int i = 0; i < OBJECTS; i++)
		shape_store(16 * KIB);
	for (int i = 0; i < READERS; i++)
		children_fork(stand, 0);
	children_wait(READERS);
	shape_stage();
}

static void many_descriptors(void)
{
	enum { OBJECTS = 3000, OTHERS = 300 };
	struct rlimit files = { OBJECTS + OTHERS, OBJECTS + OTHERS };

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		shape_cannot("3300 descriptors");
	for (int i = 0; i < OBJECTS; i++)
		shape_memfd(32 * KIB);
	shape_stage();
}

/* As CUDA's user library makes pinned memory. */
static void pinned(void)
{
	enum { READERS = 3 };
	const size_t bytes = 64 * MIB;
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(EXIT_FAILED, "/dev/zero");
	object = shape_map(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED);
	close(fd);
	fill(object, bytes);
	if (mlock(object, bytes) < 0)
		shape_cannot("mlock");
	for (int i = 0; i < READERS; i++)
		children_fork(read_object, bytes);
	children_wait(READERS);
	shape_stage();
}

static void sparse_huge_memfd(void)
{
	const size_t bytes = 64 * MIB, huge = 2 * MIB;
	int fd = memfd_create("shape", MFD_CLOEXEC);
	struct stat status;

	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
		err(EXIT_FAILED, "memfd");
	object = shape_map(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (madvise(object, bytes, MADV_HUGEPAGE) < 0)
		shape_cannot("MADV_HUGEPAGE");
	for (size_t at = 0; at < bytes; at += huge)
		object[at] = 1;
	if (fstat(fd, &status) < 0)
		err(EXIT_FAILED, "memfd");
	shape_stage_with("{\"huge\":%zu}", (size_t)status.st_blocks * 512);
}

enum { MODEL_READERS = 4 };
#define MODEL (48 * MIB)
#define MODEL_WRITTEN (16 * MIB)

static void write_model(size_t bytes)
{
	read_through(object, MODEL);
	fill(object, bytes);
}

static void read_model(size_t private_bytes)
{
	read_through(object, MODEL);
	shape_private(private_bytes);
}

/* No descriptor is open when the readers start: one of them would be another way to be counted. */
static void share_model(const char *path, void (*reader)(size_t argument), size_t argument)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		shape_cannot(path);
	object = shape_map(fd, MODEL, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	madvise(object, MODEL, MADV_NOHUGEPAGE);
	close(fd);
	for (int i = 0; i < MODEL_READERS; i++)
		children_fork(reader, argument);
	children_wait(MODEL_READERS);
	shape_stage();
}

/* The step has made the file: only the file's removal gives the memory back. */
static void model_of_the_step(void)
{
	close(shape_file("/dev/shm/model", MODEL));
	share_model("/dev/shm/model", write_model, MODEL_WRITTEN);
	unlink("/dev/shm/model");
}

/* Somebody else has made the file, before the step (then it is there at once) or during it. */
static void model_found(void)
{
	shape_stage();
	share_model("/dev/shm/found", read_model, 8 * MIB);
}

const struct shape shared_shapes[] = {
	{ "mapped-thrice", "Java's ZGC maps its heap at three addresses", map_thrice },
	{ "many-objects", "PyTorch: a shared tensor is an object of its own", many_objects },
	{ "many-descriptors", "memfds that are open and not mapped", many_descriptors },
	{ "pinned", "CUDA's pinned memory and DataLoader workers", pinned },
	{ "sparse-huge-memfd", "a memfd with transparent huge pages", sparse_huge_memfd },
	{ "model-of-the-step", "a model copied to /dev/shm and mapped privately",
		model_of_the_step },
	{ "model-found", "a file of /dev/shm that is not the step's, mapped privately",
		model_found },
	{ 0 },
};

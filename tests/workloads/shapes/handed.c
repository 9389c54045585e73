/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared memory that changes: its size, its name, its holder, or who may see it. */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char *object;
static int file = -1;

/* The child that makes something has ended when this returns. */
static void by_a_child_that_ends(void (*body)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILED, "fork");
	if (!pid) {
		body();
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, NULL, 0) < 0)
		err(EXIT_FAILED, "waitpid");
}

enum { READERS = 3 };
#define OBJECT (48 * MIB)
#define WRITTEN (8 * MIB)

static void read_object(size_t bytes)
{
	read_through(object, bytes);
}

static void share(void (*body)(size_t argument), size_t argument)
{
	for (int i = 0; i < READERS; i++)
		children_fork(body, argument);
	children_wait(READERS);
	shape_stage();
}

static int pair[2];

static void send_tensor(void)
{
	int fd = shape_file("/dev/shm/torch_1", OBJECT);

	unlink("/dev/shm/torch_1");
	shape_send(pair[0], fd);
}

/* The worker that made the tensor has ended; the other side keeps a descriptor alone. */
static void received(void)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec text = { &byte, 1 };
	struct msghdr message = { .msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room) };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		err(EXIT_FAILED, "socketpair");
	by_a_child_that_ends(send_tensor);
	if (recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC) != 1)
		err(EXIT_FAILED, "receiving a descriptor");
	shape_stage();
}

static void make_named(void)
{
	close(shape_file("/dev/shm/psm_1", OBJECT));
}

/* multiprocessing.shared_memory: the maker is gone, the tracker has removed the name. */
static void tracker_unlinked(void)
{
	by_a_child_that_ends(make_named);
	file = open("/dev/shm/psm_1", O_RDWR | O_CLOEXEC);
	object = shape_map(file, OBJECT, PROT_READ | PROT_WRITE, MAP_SHARED);
	close(file);
	unlink("/dev/shm/psm_1");
	share(read_object, OBJECT);
}

static void write_tail(void)
{
	char *tail = mmap(NULL, OBJECT, PROT_READ | PROT_WRITE, MAP_SHARED, file, 16 * MIB);

	if (ftruncate(file, 16 * MIB + OBJECT) < 0 || tail == MAP_FAILED)
		err(EXIT_FAILED, "growing a memfd");
	fill(tail, OBJECT);
}

/* The file grew behind the mapping: who maps its beginning keeps all of it. */
static void grown(void)
{
	file = shape_memfd(16 * MIB);
	object = shape_map(file, 16 * MIB, PROT_READ, MAP_SHARED);
	by_a_child_that_ends(write_tail);
	close(file);
	share(read_object, 16 * MIB);
}

/* It keeps its mapping, whose length says nothing then, and no descriptor. */
static void shrunk(void)
{
	file = shape_memfd(96 * MIB);
	object = shape_map(file, 96 * MIB, PROT_READ, MAP_SHARED);
	shape_stage();
	if (ftruncate(file, 32 * MIB) < 0)
		err(EXIT_FAILED, "shrinking a memfd");
	close(file);
	shape_private(80 * MIB);
	shape_stage();
}

/* Never more than the last chunk is there beside the rest. */
static void use_and_give_back(void)
{
	const size_t chunk = 16 * MIB;

	for (size_t at = 2 * chunk; at < 6 * chunk; at += chunk) {
		fill(object + at, chunk);
		if (madvise(object + at, chunk, MADV_REMOVE) < 0)
			err(EXIT_FAILED, "MADV_REMOVE");
	}
	fill(object + chunk, chunk);
}

/* Each page was somebody's: RSS of no process tells what is there. */
static void punched(void)
{
	object = shape_map(-1, 96 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	fill(object, 16 * MIB);
	by_a_child_that_ends(use_and_give_back);
	share(read_object, 16 * MIB);
}

static void write_copy(size_t bytes)
{
	read_through(object, OBJECT);
	fill(object, bytes);
}

static void private_view(void)
{
	file = shape_memfd(OBJECT);
	object = shape_map(file, OBJECT, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	madvise(object, OBJECT, MADV_NOHUGEPAGE);
	close(file);
	share(write_copy, WRITTEN);
}

/* O_TMPFILE, then a name, another name, and another: still one file. */
static void renamed(void)
{
	char path[64];

	file = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0 || ftruncate(file, (off_t)OBJECT) < 0)
		err(EXIT_FAILED, "O_TMPFILE");
	object = shape_map(file, OBJECT, PROT_READ | PROT_WRITE, MAP_SHARED);
	fill(object, OBJECT);
	munmap(object, OBJECT);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (linkat(AT_FDCWD, path, AT_FDCWD, "/dev/shm/model-new", AT_SYMLINK_FOLLOW) < 0 ||
		link("/dev/shm/model-new", "/dev/shm/model-link") < 0 ||
		rename("/dev/shm/model-new", "/dev/shm/model-now") < 0)
		err(EXIT_FAILED, "names of a file");
	close(file);
	file = open("/dev/shm/model-link", O_RDONLY | O_CLOEXEC);
	object = shape_map(file, OBJECT, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	madvise(object, OBJECT, MADV_NOHUGEPAGE);
	close(file);
	share(write_copy, WRITTEN);
	unlink("/dev/shm/model-now");
	unlink("/dev/shm/model-link");
}

static int segment;

static void make_segment(void)
{
	void *memory;

	segment = shmget(0x7a7a, OBJECT, IPC_CREAT | 0600);
	memory = segment < 0 ? (void *)-1 : shmat(segment, NULL, 0);
	if (memory == (void *)-1)
		err(EXIT_FAILED, "a SysV segment");
	fill(memory, OBJECT);
}

/* The maker is gone and the segment is marked for removal: who has it attached keeps it. */
static void removed_segment(void)
{
	by_a_child_that_ends(make_segment);
	segment = shmget(0x7a7a, 0, 0);
	object = shmat(segment, NULL, 0);
	if (object == (void *)-1)
		err(EXIT_FAILED, "shmat");
	shmctl(segment, IPC_RMID, NULL);
	share(read_object, 8 * MIB);
}

/* A segment, filled and attached at object, in an IPC namespace of our own. */
static int contain_segment(size_t bytes)
{
	int id;

	if (unshare(CLONE_NEWIPC) < 0)
		shape_cannot("an IPC namespace");
	id = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
	object = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	if (object == (void *)-1)
		err(EXIT_FAILED, "a SysV segment");
	fill(object, bytes);
	return id;
}

static void contained_segment(size_t bytes)
{
	shmctl(contain_segment(bytes), IPC_RMID, NULL);
}

/* Two containers: their first segments have the same id, and the same inode number. */
static void equal_ids(void)
{
	children_fork(contained_segment, 32 * MIB);
	children_fork(contained_segment, 48 * MIB);
	children_wait(2);
	shape_stage();
}

/* The segment lives as long as its namespace. */
static void detached_in_container(size_t bytes)
{
	contain_segment(bytes);
	shmdt(object);
}

static void contained_and_detached(void)
{
	children_fork(detached_in_container, OBJECT);
	children_wait(1);
	shape_stage();
	shape_private(64 * MIB);
	shape_stage();
}

enum { RANKS = 8 };
#define RANK_SEGMENT (6 * MIB)

static int ranks[RANKS];

static void rank(size_t number)
{
	for (int i = 0; i < RANKS; i++) {
		char *memory =
			shape_map(ranks[i], RANK_SEGMENT, PROT_READ | PROT_WRITE, MAP_SHARED);

		if (i == (int)number)
			fill(memory, RANK_SEGMENT);
		else
			read_through(memory, RANK_SEGMENT / 2);
		close(ranks[i]);
	}
}

static void every_rank_maps_all(void)
{
	char path[64];

	for (int i = 0; i < RANKS; i++) {
		snprintf(path, sizeof(path), "/dev/shm/vader_segment.%d", i);
		ranks[i] = shape_file(path, 0);
		if (ftruncate(ranks[i], (off_t)RANK_SEGMENT) < 0)
			err(EXIT_FAILED, "%s", path);
		unlink(path);
	}
	for (size_t i = 0; i < RANKS; i++)
		children_fork(rank, i);
	for (int i = 0; i < RANKS; i++)
		close(ranks[i]);
	children_wait(RANKS);
	shape_stage();
}

enum { BACKENDS = 120 };

static void touch_part(size_t number)
{
	fill(object + number * 512 * KIB, 512 * KIB);
}

/* No backend has touched more than its part. */
static void many_backends(void)
{
	object = shape_map(
		-1, BACKENDS * 512 * KIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	for (size_t i = 0; i < BACKENDS; i++)
		children_fork(touch_part, i);
	children_wait(BACKENDS);
	shape_stage();
}

static void keep_secret(size_t bytes)
{
	prctl(PR_SET_DUMPABLE, 0);
	read_through(object, bytes);
}

/* Only root may read their maps. */
static void undumpable(void)
{
	file = shape_memfd(OBJECT);
	object = shape_map(file, OBJECT, PROT_READ, MAP_SHARED);
	close(file);
	prctl(PR_SET_DUMPABLE, 0);
	share(keep_secret, OBJECT);
}

const struct shape handed_shapes[] = {
	{ "received", "PyTorch's DataLoader: the worker that made the tensor has ended", received },
	{ "tracker-unlinked", "multiprocessing.shared_memory after its resource tracker",
		tracker_unlinked },
	{ "grown", "a POSIX object that grows while it is mapped", grown },
	{ "shrunk", "Wayland, Chromium: a memfd cut to what is in use", shrunk },
	{ "punched", "ZGC and PostgreSQL give back parts of shared memory", punched },
	{ "private-view", "a memfd mapped privately and written", private_view },
	{ "renamed", "a cache that writes to O_TMPFILE, links and renames", renamed },
	{ "removed-segment", "Oracle, QEMU: a SysV segment removed while attached",
		removed_segment },
	{ "equal-ids", "two containers with SysV segments of the same id", equal_ids },
	{ "contained-detached", "a container's SysV segment that nobody has attached",
		contained_and_detached },
	{ "every-rank-maps-all", "Open MPI's vader segments", every_rank_maps_all },
	{ "many-backends", "PostgreSQL: each backend touches a part", many_backends },
	{ "undumpable", "ssh-agent, browsers: PR_SET_DUMPABLE", undumpable },
	{ 0 },
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared memory that no process maps or has open. */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than the shape's memory was when it was held, so that the peak is now. */
#define LATER (64 * MIB)

static void later_and_stage(void)
{
	shape_stage();
	shape_private(LATER);
	shape_stage();
}

static void closed_files(void)
{
	enum { FILES = 10 };
	char path[64];

	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/dev/shm/joblib_%d.pkl", i);
		close(shape_file(path, 8 * MIB));
	}
	later_and_stage();
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "/dev/shm/joblib_%d.pkl", i);
		unlink(path);
	}
}

/* A SysV segment, filled and attached at *memory. */
static int filled_segment(size_t bytes, void **memory)
{
	int id = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);

	*memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	if (*memory == (void *)-1)
		err(EXIT_FAILED, "a SysV segment");
	fill(*memory, bytes);
	return id;
}

/* The creator lives, so the segment's creator pid tells the step. */
static void detached_segment(void)
{
	void *memory;
	int id = filled_segment(48 * MIB, &memory);

	shmdt(memory);
	later_and_stage();
	shmctl(id, IPC_RMID, NULL);
}

static void own_tmpfs(void)
{
	shape_mount("tmpfs", "size=128m");
	close(shape_file("/mnt/scratch", 48 * MIB));
	later_and_stage();
}

/* What is written into the container lies in the tmpfs. */
static void overlay(void)
{
	shape_mount("tmpfs", "size=128m");
	if (mkdir("/mnt/upper", 0700) || mkdir("/mnt/work", 0700) || mkdir("/mnt/lower", 0700) ||
		mkdir("/mnt/merged", 0700))
		err(EXIT_FAILED, "mkdir");
	if (mount("shape", "/mnt/merged", "overlay", 0,
		    "lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work") < 0)
		shape_cannot("overlay");
	close(shape_file("/mnt/merged/scratch", 48 * MIB));
	later_and_stage();
}

/* The descriptor waits in a socket: no table of descriptors has it. */
static void in_flight(void)
{
	int pair[2], fd = shape_memfd(48 * MIB);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		err(EXIT_FAILED, "socketpair");
	shape_send(pair[0], fd);
	close(fd);
	later_and_stage();
}

static void leave(size_t unused)
{
	int fd = shape_file("/dev/shm/vllm-left", 32 * MIB);
	void *segment;

	(void)unused;
	shape_map(fd, 32 * MIB, PROT_READ, MAP_SHARED);
	close(fd);
	filled_segment(16 * MIB, &segment);
}

/* The worker is killed; what it made stays when the step is over. */
static void left_behind(void)
{
	pid_t child = children_fork(leave, 0);

	children_wait(1);
	shape_stage();
	kill(child, SIGKILL);
	if (waitpid(child, NULL, 0) < 0)
		err(EXIT_FAILED, "waitpid");
	shape_stage();
}

const struct shape unheld_shapes[] = {
	{ "closed-files", "joblib's memmaps in /dev/shm, written and closed", closed_files },
	{ "detached-segment", "a SysV segment that nobody has attached", detached_segment },
	{ "own-tmpfs", "a container's tmpfs", own_tmpfs },
	{ "overlay", "a container whose written layer is a tmpfs", overlay },
	{ "in-flight", "a descriptor sent and not yet received", in_flight },
	{ "left-behind", "vLLM's worker killed: its shared memory stays", left_behind },
	{ 0 },
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose files in /proc hold everybody who reads its mappings: it maps something over a
 * page that has to be written to a FUSE server first, which does not answer any more. The kernel has
 * the lock of the mappings meanwhile. Any user may do so who may mount FUSE. To build it alone:
 * cc -O2 -pthread -o stall stall.c common.c hold.c
 */
#include "common.h"
#include "hold.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	int open;
	size_t private;
	const char *ready;
	struct hold hold;
} o = { .private = 10 * MIB, .hold = { .seconds = 5, .timeout = 60 } };

static const struct option_spec specs[] = {
	{ "open", NULL, "only map the file and keep it open: whoever touches it hangs",
		.flag = &o.open, .max = 1 },
	{ "private", "MIB", "memory that another process takes when all readers hang",
		.count = &o.private, .max = MAX_MIB, .unit = MIB },
	{ "ready", "FILE", "when all is in place write pids and true sizes (JSON) to FILE",
		.text = &o.ready },
	{ "until", "FILE", "end when FILE appears", .text = &o.hold.until },
	{ "seconds", "SECONDS", "end after that time", .seconds = &o.hold.seconds,
		.max = MAX_SECONDS },
	{ "timeout", "SECONDS", "with --until: the longest time", .seconds = &o.hold.timeout,
		.max = MAX_SECONDS },
	{ 0 },
};

enum { FILE_BYTES = 64 * 1024, MESSAGE = 128 * 1024 };

enum stage { BEGIN, SILENT, LOCKED, FILLED };

static atomic_int *stage; /* shared by all processes */
static char *mapped;

static void answer(
	int fd, const struct fuse_in_header *to, int error, const void *body, size_t size)
{
	static char message[MESSAGE];
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + size), .error = error, .unique = to->unique
	};

	memcpy(message, &head, sizeof(head));
	if (size)
		memcpy(message + sizeof(head), body, size);
	(void)!write(fd, message, head.len);
}

static struct fuse_attr attributes(uint64_t node)
{
	struct fuse_attr a = { .ino = node, .nlink = 1, .blksize = 4096 };

	a.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666;
	a.size = node == FUSE_ROOT_ID ? 0 : FILE_BYTES;
	return a;
}

/* One file, "f", of zeros. */
static void serve(int fd, const struct fuse_in_header *in)
{
	static const char zeros[FILE_BYTES];
	const void *argument = in + 1;

	switch (in->opcode) {
	case FUSE_INIT:
		answer(fd, in, 0,
			&(struct fuse_init_out){ .major = 7, .minor = 31, .max_write = 65536 },
			sizeof(struct fuse_init_out));
		break;
	case FUSE_LOOKUP:
		answer(fd, in, 0,
			&(struct fuse_entry_out){
				.nodeid = 2, .generation = 1, .attr = attributes(2) },
			sizeof(struct fuse_entry_out));
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		answer(fd, in, 0, &(struct fuse_attr_out){ .attr = attributes(in->nodeid) },
			sizeof(struct fuse_attr_out));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(fd, in, 0, &(struct fuse_open_out){ .fh = 1 }, sizeof(struct fuse_open_out));
		break;
	case FUSE_READ: {
		const struct fuse_read_in *read = argument;
		uint64_t left = read->offset < FILE_BYTES ? FILE_BYTES - read->offset : 0;

		answer(fd, in, 0, zeros, read->size < left ? read->size : left);
		break;
	}
	case FUSE_WRITE: {
		const struct fuse_write_in *write = argument;

		answer(fd, in, 0, &(struct fuse_write_out){ .size = write->size },
			sizeof(struct fuse_write_out));
		break;
	}
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(fd, in, -ENOSYS, NULL, 0);
	}
}

/* Ends with the workload. */
static _Noreturn void server(int fd)
{
	static _Alignas(struct fuse_in_header) char request[MESSAGE];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (read(fd, request, sizeof(request)) > 0 && atomic_load(stage) < SILENT)
			serve(fd, (const struct fuse_in_header *)request);
	}
}

/* In a mount namespace of its own, so that nothing stays. */
static pid_t file_system_start(char *point)
{
	char options[100];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	pid_t pid;

	if (fd < 0)
		err(EXIT_FAILED, "/dev/fuse");
	if (!mkdtemp(point) || unshare(CLONE_NEWNS) ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err(EXIT_FAILED, "a mount namespace with %s", point);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("stall", point, "fuse", MS_NOSUID | MS_NODEV, options))
		err(EXIT_FAILED, "mount %s", point);
	pid = fork();
	if (pid < 0)
		err(EXIT_FAILED, "fork");
	if (pid == 0)
		server(fd);
	/* The connection has to end with the server. */
	close(fd);
	return pid;
}

static void file_map(const char *point)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/f", point);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(EXIT_FAILED, "%s", path);
	mapped = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!o.open)
		close(fd);
	if (mapped == MAP_FAILED)
		err(EXIT_FAILED, "mmap %s", path);
}

/* The kernel writes the page out before it goes, and has the lock meanwhile. */
static void *map_over(void *unused)
{
	mmap(mapped, FILE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return unused;
}

static void lock_take(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, map_over, NULL))
		errx(EXIT_FAILED, "pthread_create");
	/* mmap has come as far as it will in that time; the reader would only hang a little later. */
	nap(0.1);
}

/* Another process, whose mappings anybody can read: takes its memory when *stage says so. */
static pid_t neighbour_start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILED, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (atomic_load(stage) < LOCKED)
		nap(0.001);
	fill(anonymous(o.private), o.private);
	atomic_store(stage, FILLED);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char point[] = "/tmp/stall.XXXXXX";
	pid_t pids[2] = { getpid() }, server_pid;
	int rc;

	options_parse(argc, argv, "Its files in /proc hold whoever reads them.", specs);
	stage = mmap(
		NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED)
		err(EXIT_FAILED, "mmap");
	pids[1] = neighbour_start();
	server_pid = file_system_start(point);
	file_map(point);
	mapped[0] = 1;
	/* hold() reads the clock. The page for that is mapped now: without the lock it cannot be. */
	(void)now();
	atomic_store(stage, SILENT);
	if (!o.open)
		lock_take();
	atomic_store(stage, LOCKED);
	while (atomic_load(stage) < FILLED)
		nap(0.001);
	if (o.ready)
		ready_write(o.ready,
			&(struct ready){ .origin = pids[0],
				.parent = pids[0],
				.pids = pids,
				.processes = 2,
				.private_bytes = o.private });
	rc = hold(&o.hold, &(struct load){ 0 });
	/* Now the kernel answers whoever waits, with an error. */
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	umount2(point, MNT_DETACH);
	rmdir(point);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../common.h"
#include "../object.h"
#include "shape.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

void shape_skip(const char *reason)
{
	printf("{\"skip\":\"%s\"}\n", reason);
	fflush(stdout);
	exit(EXIT_SKIPPED);
}

void shape_cannot(const char *action)
{
	char reason[256];

	snprintf(reason, sizeof(reason), "%s: %s", action, strerror(errno));
	shape_skip(reason);
}

void shape_stage_with(const char *format, ...)
{
	va_list arguments;
	int letter;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	/* The end of stdin ends the stage too: a shape never outlives its test. */
	do
		letter = getchar();
	while (letter != '\n' && letter != EOF);
}

void shape_stage(void)
{
	shape_stage_with("{}");
}

void *shape_private(size_t bytes)
{
	void *memory = anonymous(bytes);

	fill(memory, bytes);
	return memory;
}

void *shape_store(size_t bytes)
{
	struct object store = { .kind = OBJECT_PLASMA, .bytes = bytes };

	object_create(&store, NULL);
	fill(store.memory, bytes);
	object_close(&store);
	return store.memory;
}

void *shape_map(int fd, size_t bytes, int protection, int flags)
{
	void *memory = mmap(NULL, bytes, protection, flags, fd, 0);

	if (memory == MAP_FAILED)
		err(EXIT_FAILED, "mapping %zu bytes", bytes);
	return memory;
}

static void write_all(int fd, size_t bytes)
{
	static char block[64 * KIB];
	size_t part;

	memset(block, 0xa5, sizeof(block));
	for (; bytes; bytes -= part) {
		part = bytes < sizeof(block) ? bytes : sizeof(block);
		if (write(fd, block, part) != (ssize_t)part)
			err(EXIT_FAILED, "writing %zu bytes", part);
	}
}

int shape_memfd(size_t bytes)
{
	int fd = memfd_create("shape", MFD_CLOEXEC);

	if (fd < 0)
		err(EXIT_FAILED, "memfd_create");
	write_all(fd, bytes);
	return fd;
}

int shape_file(const char *path, size_t bytes)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		err(EXIT_FAILED, "%s", path);
	write_all(fd, bytes);
	return fd;
}

void shape_send(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec text = { "", 1 };
	struct msghdr message = { .msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room) };

	control.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
	};
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		err(EXIT_FAILED, "sending a descriptor");
}

void shape_mount(const char *type, const char *options)
{
	if (unshare(CLONE_NEWNS) < 0)
		shape_cannot("a mount namespace");
	/* The mount must not appear in the namespace that we came from. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("shape", "/mnt", type, 0, options) < 0)
		shape_cannot(type);
}

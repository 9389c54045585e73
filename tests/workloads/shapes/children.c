/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../common.h"
#include "shape.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

/* Fixed numbers, because an executed child must find its ends of the pipes. */
enum { TOLD_FD = 200, TURN_FD = 201 };

static int told = -1, turn = -1;

static int move(int fd, int number)
{
	if (dup2(fd, number) < 0)
		err(EXIT_FAILED, "dup2");
	close(fd);
	return number;
}

void children_init(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		err(EXIT_FAILED, "pipe");
	told = ends[0];
	move(ends[1], TOLD_FD);
	if (pipe2(ends, O_CLOEXEC) < 0)
		err(EXIT_FAILED, "pipe");
	turn = ends[1];
	move(ends[0], TURN_FD);
}

void child_begin(void)
{
	close(turn);
}

void child_turn(void)
{
	char byte = 0;

	if (write(TOLD_FD, &byte, 1) != 1 || read(TURN_FD, &byte, 1) != 1)
		_exit(EXIT_SUCCESS);
}

static pid_t start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILED, "fork");
	if (!pid)
		child_begin();
	return pid;
}

pid_t children_fork(void (*body)(size_t argument), size_t argument)
{
	pid_t pid = start();

	if (!pid) {
		body(argument);
		for (;;)
			child_turn();
	}
	return pid;
}

pid_t children_execute(size_t private_bytes)
{
	char bytes[32];
	pid_t pid = start();

	if (!pid) {
		snprintf(bytes, sizeof(bytes), "%zu", private_bytes);
		personality(ADDR_NO_RANDOMIZE);
		execl("/proc/self/exe", "shapes", "--private", bytes, (char *)NULL);
		_exit(EXIT_FAILED);
	}
	return pid;
}

void children_wait(size_t count)
{
	char byte;

	/* TOLD_FD is open here too, so a child that dies early shows as the test's deadline. */
	while (count--)
		if (read(told, &byte, 1) != 1)
			err(EXIT_FAILED, "waiting for children");
}

void children_turn(void)
{
	if (write(turn, "", 1) != 1)
		err(EXIT_FAILED, "a child's turn");
}

void children_end(void)
{
	if (turn >= 0)
		close(turn);
	turn = -1;
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that a command runs for itself: no shell, bounded in time and output. */
#ifndef RAYPSS_CHILD_H
#define RAYPSS_CHILD_H

#include <stddef.h>
#include <stdint.h>

struct child {
	char *const *argv; /* argv[0] is searched in PATH if it has no slash */
	const char *input; /* for its standard input; NULL = none */
	uint64_t timeout_ns; /* then it is killed */
	int out_fd; /* where its standard output goes; 0 = to out, with its standard error */
};

/*
 * Runs a program to its end. out gets what it wrote, with a NUL and cut to size; with
 * out_fd only its standard error. *status as waitpid
 * gives it. 0, or -errno: it could not be started, -ETIMEDOUT.
 */
int child_run(const struct child *child, char *out, size_t size, int *status);

#endif

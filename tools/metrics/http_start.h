/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts raypss-http, which speaks with whoever connects: as an ordinary user, with nothing to read. */
#ifndef RAYPSS_HTTP_START_H
#define RAYPSS_HTTP_START_H

#include <sys/types.h>

/*
 * Both descriptors stay the caller's; the program gets copies, no other descriptor, and no signal mask. It is
 * killed when the caller ends. 0 or -errno.
 */
int http_start(int listen_fd, int reader_fd, pid_t *pid);

#endif

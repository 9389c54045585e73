/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting raypssd and raypss-dormant from slurmstepd. */
#ifndef RAYPSS_RAYPSSD_SPAWN_H
#define RAYPSS_RAYPSSD_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Starts the program, an absolute path, with the socket and the block as RAYPSSD_SOCKET and RAYPSSD_BLOCK. argument: its
 * only one, or NULL. The process in *pid forks, and ends. It leads a session. 0 or
 * -errno.
 */
int raypssd_spawn(const char *program, int socket, int block_fd, const char *argument, pid_t *pid);

/*
 * The same without an argument, and *pid is not a child of slurmstepd. Like posix_spawn(3) it waits
 * until the program is executed, but not for what the program does then. 0 or -errno.
 */
int raypssd_spawn_orphan(const char *program, int socket, int block_fd, pid_t *pid);

/*
 * Waits until the process of raypssd_spawn() has ended: slurmstepd must not find it in its own
 * wait(2). 0; -ETIMEDOUT: it has not ended by until_ns; -ECHILD: it could not
 * fork, or a signal ended it; -EPROTO: it is of another build; -errno.
 */
int raypssd_spawn_reap(pid_t pid, uint64_t until_ns);

#endif

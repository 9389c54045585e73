/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The descriptors of a process, /proc/PID/fd and fdinfo, proc(5). Nothing here touches their files. */
#ifndef RAYPSS_DESCRIPTORS_H
#define RAYPSS_DESCRIPTORS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Opens the directory of the descriptors of pid, at a position that d_off of an entry told, 0 = its
 * beginning. For the caller to close; NULL with errno.
 */
DIR *descriptors_open(int proc_fd, pid_t pid, int64_t position);

/* What is certainly no file in memory, by the text of the link: sockets, pipes, terminals. */
bool descriptor_is_dull(const char *link);

/*
 * Descriptors that were sent to the socket with this number and wait there: they are in no process's
 * table. fdinfo tells since Linux 5.6, unix_show_fdinfo() in net/unix/af_unix.c; 0 before.
 */
uint32_t descriptor_in_flight(int proc_fd, pid_t pid, const char *number);

#endif

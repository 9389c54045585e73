/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kind of file system a mapped or open file is on, told without touching the file: a stat or
 * statfs of a file on FUSE or on a network can block for ever. The answer comes from mountinfo, and
 * for the kernel's own mounts of shared memory and huge pages from memfds made for the purpose.
 */
#ifndef RAYPSS_DEVICES_H
#define RAYPSS_DEVICES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum device_kind {
	DEVICE_UNKNOWN, /* not decided in this look: ask again in the next one; do not stat */
	DEVICE_MEMORY, /* tmpfs: blocks are memory; stat is safe */
	DEVICE_HUGE, /* hugetlbfs: blocks are huge pages; stat is safe */
	DEVICE_RAM, /* ramfs: what is mapped is memory for good; stat is safe, blocks say nothing */
	DEVICE_LOCAL, /* a local file system: stat is safe */
	DEVICE_OTHER, /* do not stat */
};

struct devices;

/* proc_fd stays the caller's and must outlive the devices. NULL when out of memory. */
struct devices *devices_create(int proc_fd);
void devices_destroy(struct devices *d);

/* Begins a look: each look may read a bounded number of bounded mountinfo files. */
void devices_begin(struct devices *d);

/* The kind of the device of a file that the process maps. */
enum device_kind devices_of_mapping(struct devices *d, pid_t pid, dev_t dev);

/* The kind of the device behind an open descriptor of the process. */
enum device_kind devices_of_descriptor(struct devices *d, pid_t pid, const char *descriptor);

/* The kind of the device behind our descriptor fd, which was opened through a file of the process. */
enum device_kind devices_of_open(struct devices *d, pid_t pid, int fd);

/* Whether dev is the kernel's own tmpfs: memfd, SysV and shared anonymous memory. */
bool devices_is_internal(const struct devices *d, dev_t dev);

/* The number of that device; 0 where it is not known. */
dev_t devices_internal(const struct devices *d);

/* Forgets all mounts: a device number may belong to another file system by now. */
void devices_forget(struct devices *d);

#endif

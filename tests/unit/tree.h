/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake /proc in a directory of its own. */
#ifndef RAYPSS_TREE_H
#define RAYPSS_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tree {
	char path[64];
	int fd;
};

/* A process as it shows in stat, statm and status; memory in pages. */
struct fake {
	pid_t pid, ppid;
	uint64_t start;
	unsigned size, rss, shared;
	unsigned pte_kib, swap_kib;
	uint64_t stack; /* start_stack: the same in forked processes */
	unsigned hwm_kib, threads; /* 0: status does not have the line */
	const char *comm; /* NULL: "sh" */
	const char *cmdline; /* NULL: empty; one argument */
};

/* With a last pid of 1. */
void tree_create(struct tree *t);
void tree_destroy(struct tree *t);

/* Writes a file of a process; pid 0: of the root. In place, so that open descriptors see it. */
void tree_write(const struct tree *t, pid_t pid, const char *name, const char *text);
void tree_write_bytes(
	const struct tree *t, pid_t pid, const char *name, const char *data, size_t len);
void tree_link(const struct tree *t, pid_t pid, const char *name, const char *target);

/* A directory where a file is expected: it opens, but cannot be read. */
void tree_spoil(const struct tree *t, pid_t pid, const char *name);

/* Removes a file, or with NULL the process. */
void tree_remove(const struct tree *t, pid_t pid, const char *name);

void tree_process(const struct tree *t, const struct fake *f);
void tree_last_pid(const struct tree *t, pid_t pid);

/*
 * Maps the open file fd: appends to maps and links map_files to it. nth tells mappings of a
 * process apart. perms is "rw-s" and the like.
 */
void tree_map(
	const struct tree *t, pid_t pid, unsigned nth, const char *perms, int fd, const char *path);
void tree_unmap(const struct tree *t, pid_t pid); /* all */

/* Links PID/fd/NUMBER to the open file fd, as a file called name, and writes its fdinfo. */
void tree_descriptor(const struct tree *t, pid_t pid, unsigned number, int fd, const char *name);

/* A memfd of that many bytes, with all its blocks. */
int tree_memory(uint64_t bytes);

uint64_t page_size(void);

#endif

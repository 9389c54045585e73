/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared object, in each of the ways in which processes come to share memory. */
#ifndef WORKLOADS_OBJECT_H
#define WORKLOADS_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

enum object_kind { OBJECT_PLASMA, OBJECT_MEMFD, OBJECT_SYSV, OBJECT_ANON, OBJECT_FILE };
extern const char *const object_kinds[];

struct object {
	int kind;
	int id; /* descriptor or SysV id; -1: none */
	size_t bytes;
	char *memory; /* NULL: not mapped here */
};

bool object_has_descriptor(const struct object *object);
void object_create(struct object *object, const char *dir); /* maps it, leaves it empty */
void object_map(struct object *object);
void object_unmap(struct object *object);
void object_close(struct object *object);
void object_punch(struct object *object, size_t bytes); /* a hole at its end */

/* A file on disk that has lost its name and whose pages stand in the page cache. */
int disk_file(const char *dir, size_t bytes);
void disk_file_read(int fd, size_t bytes);

#endif

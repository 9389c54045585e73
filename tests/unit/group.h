/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's directory with a step in it, of control groups v2 and laid out as Slurm does, beside a fake /proc. */
#ifndef RAYPSS_GROUP_H
#define RAYPSS_GROUP_H

#include "tests/unit/tree.h"

enum { GROUP_PATH = 128 };

struct group {
	struct tree proc;
	char root[GROUP_PATH], job[GROUP_PATH], step[GROUP_PATH], user[GROUP_PATH];
};

/* The one that begin and end, a test's fixture, make and remove. */
extern struct group group;
void group_begin(void);
void group_end(void);

/* A directory below parent with the files of a group that has no limit. Returns path. */
char *group_make(char path[GROUP_PATH], const char *parent, const char *name);

/* A file of dir. */
void group_put(const char *dir, const char *name, const char *text);
void group_remove(const char *dir, const char *name);

/* memory.stat of the step's user directory; cache: page cache but for shmem. All MiB. */
void group_stat(unsigned anon, unsigned shmem, unsigned cache);

/* A file of one number, in MiB; 0 = "max". */
void group_mib(const char *dir, const char *name, unsigned mib);

/* memory.events or memory.events.local. */
void group_events(const char *dir, const char *name, unsigned oom, unsigned oom_kill);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/group.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "tests/unit/unit.h"

struct group group;

void group_put(const char *dir, const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_msg(fd >= 0, "%s", path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

void group_remove(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

char *group_make(char path[GROUP_PATH], const char *parent, const char *name)
{
	ck_assert_int_lt(snprintf(path, GROUP_PATH, "%s/%s", parent, name), GROUP_PATH);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	group_put(path, "memory.max", "max\n");
	group_put(path, "memory.current", "0\n");
	group_put(path, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
	group_put(path, "memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
	group_put(path, "cgroup.procs", "");
	return path;
}

void group_stat(unsigned anon, unsigned shmem, unsigned cache)
{
	char text[512];

	snprintf(text, sizeof(text),
		"anon %llu\nfile %llu\nkernel %llu\nshmem %llu\nslab_reclaimable %llu\n"
		"swapcached %llu\n",
		anon * MIB, (shmem + cache) * MIB, 3 * MIB, shmem * MIB, 2 * MIB, 1 * MIB);
	group_put(group.user, "memory.stat", text);
}

void group_begin(void)
{
	tree_create(&group.proc);
	group_make(group.root, group.proc.path, "cgroup");
	group_make(group.job, group.root, "job_7");
	group_make(group.step, group.job, "step_0");
	group_make(group.user, group.step, "user");
	group_put(group.user, "memory.swap.current", "0\n");
	group_put(group.user, "memory.peak", "99999744\n");
	group_stat(20, 40, 8);
}

void group_end(void)
{
	tree_destroy(&group.proc);
}

void group_mib(const char *dir, const char *name, unsigned mib)
{
	char text[64];

	snprintf(text, sizeof(text), "%llu\n", mib * MIB);
	group_put(dir, name, mib ? text : "max\n");
}

void group_events(const char *dir, const char *name, unsigned oom, unsigned oom_kill)
{
	char text[128];

	snprintf(text, sizeof(text), "low 0\nhigh 0\nmax 9\noom %u\noom_kill %u\n", oom, oom_kill);
	group_put(dir, name, text);
}

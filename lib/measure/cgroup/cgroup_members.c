/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/cgroup_members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/cgroup/cgroup_parse.h"
#include "measure/procfs/pid_read.h"

/* Groups more than DEPTH_MAX levels below are not read: each level holds a descriptor. */
enum { DEPTH_MAX = 16, TEXT_SIZE = 16 * 1024 };

struct cgroup_members {
	int proc_fd;
	int dir;
	struct process_table *table;
	pid_t except;
	uint64_t round;
	char text[TEXT_SIZE];
};

int cgroup_members_open(int proc_fd, struct process_table *table, const char *dir, pid_t except,
	struct cgroup_members **out)
{
	struct cgroup_members *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->proc_fd = proc_fd;
	m->table = table;
	m->except = except;
	m->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->dir < 0) {
		int rc = -errno;

		free(m);
		return rc;
	}
	*out = m;
	return 0;
}

void cgroup_members_close(struct cgroup_members *m)
{
	if (!m)
		return;
	close(m->dir);
	free(m);
}

static int member_add(struct cgroup_members *m, pid_t pid)
{
	struct process *p = process_find(m->table, pid);
	struct pid_stat stat;

	if (!p) {
		/* A process that ended meanwhile is not a member. */
		if (pid_stat_read(m->proc_fd, pid, &stat))
			return 0;
		p = process_add(m->table, pid);
		if (!p)
			return -ENOSPC;
		p->row->ppid = stat.ppid;
		p->row->start = stat.start;
	}
	p->listed = m->round;
	return 0;
}

/* The members of one group. */
static int procs_read(struct cgroup_members *m, int dir)
{
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t n = 0;
	int rc = 0;

	if (fd < 0)
		return -errno;
	while (!rc && (n = read(fd, m->text + have, TEXT_SIZE - have)) != 0) {
		const char *pos = m->text;
		pid_t pid;
		int found;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		have += (size_t)n;
		while (!rc && (found = cgroup_procs_next(&pos, m->text + have, &pid)) != 0)
			if (found > 0 && pid && pid != m->except)
				rc = member_add(m, pid);
		have -= (size_t)(pos - m->text);
		memmove(m->text, pos, have);
		if (have == TEXT_SIZE)
			rc = -EINVAL;
	}
	/* A threaded group lists its processes further up, and reading fails here. */
	if (n < 0 && errno != EOPNOTSUPP)
		rc = -errno;
	close(fd);
	return rc;
}

/* Reads the members of a group and opens its directory. 0 or -errno. */
static int group_open(struct cgroup_members *m, int parent, const char *name, DIR **out)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = procs_read(m, fd);
	*out = rc ? NULL : fdopendir(fd);
	if (*out)
		return 0;
	close(fd);
	return rc ? rc : -ENOMEM;
}

/* The members of the group and of the groups below it, down to DEPTH_MAX. */
static int groups_read(struct cgroup_members *m)
{
	DIR *open_dirs[1 + DEPTH_MAX]; /* the group, and one subgroup of each level below */
	unsigned n = 0;
	int rc = group_open(m, m->dir, ".", &open_dirs[0]);

	n += rc == 0;
	while (!rc && n) {
		DIR *dir = open_dirs[n - 1];
		const struct dirent *entry = readdir(dir);

		if (!entry) {
			closedir(dir);
			n--;
			continue;
		}
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || n > DEPTH_MAX)
			continue;
		rc = group_open(m, dirfd(dir), entry->d_name, &open_dirs[n]);
		n += rc == 0;
		/* A group below may be removed while we look. */
		if (rc == -ENOENT || rc == -ENODEV)
			rc = 0;
	}
	while (n)
		closedir(open_dirs[--n]);
	return rc;
}

int cgroup_members_update(struct cgroup_members *m)
{
	int rc;

	m->round++;
	rc = groups_read(m);
	if (rc == -ENOENT)
		rc = -ENODEV;
	/* A process missing in an incomplete list may still be a member. */
	if (rc && rc != -ENODEV)
		return rc;
	for (unsigned i = 0; i < process_count(m->table);) {
		struct process *p = process_at(m->table, i);

		/* cgroup.procs does not list zombies. They leave the table when they are reaped. */
		if (p->listed != m->round && p->size)
			process_remove(m->table, p);
		else
			i++;
	}
	return rc;
}

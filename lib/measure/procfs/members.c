/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/procfile.h"
#include "base/units.h"
#include "measure/procfs/environ_parse.h"
#include "measure/procfs/pid_read.h"

/* Pids wrap, so from time to time discovery looks at all processes, not only at new pids. */
#define FULL_SCAN_NS (30 * NS_PER_S)

enum { ENVIRON_SIZE = 128 * 1024 };

struct candidate {
	pid_t pid;
	struct pid_stat stat;
	bool taken;
	bool asked; /* the environment was read */
};

struct members {
	int proc_fd;
	int last_pid_fd;
	struct process_table *table;
	struct members_options options;
	pid_t last_pid;
	uint64_t full_ns;
	struct candidate *candidates; /* scratch, kept for the next time */
	unsigned candidates_n;
	unsigned candidates_room;
	char environ[]; /* ENVIRON_SIZE */
};

/*
 * The last word of both files is the last pid given out in our pid namespace, proc(5). The kernel
 * gives pids out in a circle, so only pids behind the last one seen can be new. Reading the first
 * file is a third cheaper, but not every kernel has it.
 */
static const char *const last_pid_files[] = { "sys/kernel/ns_last_pid", "loadavg" };

static int last_pid_open(int proc_fd)
{
	int fd = -1;

	for (unsigned i = 0; fd < 0 && i < sizeof(last_pid_files) / sizeof(*last_pid_files); i++)
		fd = openat(proc_fd, last_pid_files[i], O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int last_pid_read(const struct members *m, pid_t *pid)
{
	char buf[128];
	ssize_t n = procfile_pread(m->last_pid_fd, buf, sizeof(buf));
	const char *word;
	uint64_t value;

	if (n < 0)
		return (int)n;
	word = memrchr(buf, ' ', (size_t)n);
	if (!word)
		word = buf;
	if (digits_parse(&word, buf + n, &value))
		return -EINVAL;
	*pid = (pid_t)value;
	return 0;
}

int members_create(int proc_fd, struct process_table *table, const struct members_options *options,
	struct members **out)
{
	struct members *m = malloc(sizeof(*m) + ENVIRON_SIZE);
	int rc;

	if (!m)
		return -ENOMEM;
	*m = (struct members){ .proc_fd = proc_fd, .table = table, .options = *options };
	m->last_pid_fd = rc = last_pid_open(proc_fd);
	if (rc < 0) {
		free(m);
		return rc;
	}
	rc = last_pid_read(m, &m->last_pid);
	if (rc) {
		members_destroy(m);
		return rc;
	}
	*out = m;
	return 0;
}

void members_destroy(struct members *m)
{
	if (!m)
		return;
	close(m->last_pid_fd);
	free(m->candidates);
	free(m);
}

static int add(struct members *m, pid_t pid, const struct pid_stat *stat, uint64_t now_ns)
{
	struct process *p = process_add(m->table, pid);

	if (!p)
		return -ENOSPC;
	process_identify(m->table, p, stat, now_ns);
	return 0;
}

int members_add(struct members *m, pid_t pid)
{
	struct pid_stat stat;
	int rc;

	if (process_find(m->table, pid))
		return 0;
	rc = pid_stat_read(m->proc_fd, pid, &stat);
	if (rc)
		return rc;
	/* The task may have children already: look at all processes. */
	m->full_ns = 0;
	return add(m, pid, &stat, 0);
}

static bool is_stranger(const struct members *m, pid_t pid)
{
	for (unsigned i = 0; i < m->options.strangers_n; i++)
		if (atomic_load(&m->options.strangers[i]) == pid)
			return true;
	return false;
}

static bool is_child(const struct members *m, const struct candidate *c)
{
	if (is_stranger(m, c->pid))
		return false;
	return process_find(m->table, c->stat.ppid) ||
		(m->options.reaper && c->stat.ppid == m->options.reaper);
}

static bool is_ours_by_environment(struct members *m, pid_t pid)
{
	char path[PROC_PATH];
	struct stat st;
	ssize_t n;

	if (!m->options.required[0])
		return false;
	snprintf(path, sizeof(path), "%d", pid);
	if (fstatat(m->proc_fd, path, &st, 0) || st.st_uid != m->options.uid)
		return false;
	if (!process_reading(m->table, pid))
		return false;
	procfile_path(path, pid, "environ");
	n = procfile_read(m->proc_fd, path, m->environ, ENVIRON_SIZE);
	if (n <= 0)
		return false;
	for (const char *const *r = m->options.required; *r; r++)
		if (!environ_has(m->environ, (size_t)n, *r, true))
			return false;
	return !m->options.forbidden ||
		!environ_has(m->environ, (size_t)n, m->options.forbidden, false);
}

static bool is_new_pid(pid_t pid, pid_t before, pid_t last)
{
	return before <= last ? pid > before && pid <= last : pid > before || pid <= last;
}

static int candidates_push(struct members *m, pid_t pid)
{
	struct candidate *c;

	if (m->candidates_n == m->candidates_room) {
		unsigned room = m->candidates_room ? 2 * m->candidates_room : 256;

		c = realloc(m->candidates, room * sizeof(*c));
		if (!c)
			return -ENOMEM;
		m->candidates = c;
		m->candidates_room = room;
	}
	c = &m->candidates[m->candidates_n];
	c->pid = pid;
	c->taken = c->asked = false;
	if (pid_stat_read(m->proc_fd, pid, &c->stat) == 0)
		m->candidates_n++;
	return 0;
}

static int candidates_collect(struct members *m, bool full, pid_t last)
{
	struct dirent *entry;
	int rc = 0, fd;
	DIR *dir;

	fd = openat(m->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	m->candidates_n = 0;
	while (rc == 0 && (entry = readdir(dir))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end || pid <= 0)
			continue;
		if (!full && !is_new_pid((pid_t)pid, m->last_pid, last))
			continue;
		if (process_find(m->table, (pid_t)pid))
			continue;
		rc = candidates_push(m, (pid_t)pid);
	}
	closedir(dir);
	return rc;
}

int members_discover(struct members *m, uint64_t now_ns)
{
	bool full = now_ns - m->full_ns > FULL_SCAN_NS || !m->full_ns;
	bool progress = true;
	pid_t last;
	int rc;

	rc = last_pid_read(m, &last);
	if (rc)
		return rc;
	if (last == m->last_pid && !full)
		return 0;
	rc = candidates_collect(m, full, last);
	if (rc)
		return rc;
	m->last_pid = last;
	if (full)
		m->full_ns = now_ns;
	/* A child may stand before its parent: go on while somebody was added. */
	while (progress) {
		progress = false;
		for (unsigned i = 0; i < m->candidates_n; i++) {
			struct candidate *c = &m->candidates[i];

			if (c->taken || !is_child(m, c))
				continue;
			c->taken = progress = true;
			rc = add(m, c->pid, &c->stat, now_ns);
			if (rc)
				return rc;
		}
		for (unsigned i = 0; !progress && i < m->candidates_n; i++) {
			struct candidate *c = &m->candidates[i];

			if (c->taken || c->asked)
				continue;
			c->asked = true;
			if (!is_ours_by_environment(m, c->pid))
				continue;
			c->taken = progress = true;
			rc = add(m, c->pid, &c->stat, now_ns);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/vma_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void map_files_open(struct map_files *m, int proc_fd)
{
	*m = (struct map_files){ .proc_fd = proc_fd, .dir = -1 };
}

void map_files_close(struct map_files *m)
{
	if (m->dir >= 0)
		close(m->dir);
	m->dir = -1;
}

/* Without printf, which would cost a third of all instructions of a look. */
static char *hex_put(char *p, uint64_t value)
{
	int shift = value ? (63 - __builtin_clzll(value)) & ~3 : 0;

	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[value >> shift & 15];
	return p;
}

static void range_put(char *p, uint64_t start, uint64_t end)
{
	p = hex_put(p, start);
	*p++ = '-';
	p = hex_put(p, end);
	*p = '\0';
}

void map_files_path(char path[PROC_PATH], pid_t pid, uint64_t start, uint64_t end)
{
	range_put(procfile_path(path, pid, "map_files/"), start, end);
}

int link_stat(int dirfd, const char *path, struct stat *out)
{
	/* newfstatat takes the flag of statx since Linux 4.11: vfs_statx() in fs/stat.c. */
	if (fstatat(dirfd, path, out, AT_STATX_DONT_SYNC) == 0)
		return 0;
	return errno == EINVAL ? fstatat(dirfd, path, out, 0) : -1;
}

struct timespec file_clock(void)
{
	int fd = memfd_create("raypss", MFD_CLOEXEC);
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	if (fd < 0)
		return now;
	/* The change is as old as the file itself. */
	if (fstat(fd, &st) == 0)
		now = st.st_ctim;
	close(fd);
	return now;
}

bool link_is_newer(int dirfd, const char *path, uid_t uid, struct timespec since)
{
	struct statx sx;
	const struct statx_timestamp *made;

	if (statx(dirfd, path, AT_STATX_DONT_SYNC, STATX_BTIME | STATX_CTIME | STATX_UID, &sx))
		return false;
	made = sx.stx_mask & STATX_BTIME ? &sx.stx_btime : &sx.stx_ctime;
	return sx.stx_uid == uid &&
		(made->tv_sec > since.tv_sec ||
			(made->tv_sec == since.tv_sec && made->tv_nsec > since.tv_nsec));
}

int map_files_stat(struct map_files *m, pid_t pid, uint64_t start, uint64_t end, struct stat *out)
{
	char path[PROC_PATH];

	if (m->dir >= 0 && pid == m->pid) {
		range_put(path, start, end);
		m->used = true;
		if (link_stat(m->dir, path, out) == 0)
			return 0;
		/* The process may have ended; the pid may belong to another process by now. */
		map_files_close(m);
	}
	map_files_path(path, pid, start, end);
	if (link_stat(m->proc_fd, path, out))
		return -1;
	m->asked = pid;
	return 0;
}

void map_files_settle(struct map_files *m)
{
	char path[PROC_PATH];

	if ((m->dir < 0 || !m->used) && m->asked) {
		map_files_close(m);
		procfile_path(path, m->asked, "map_files");
		m->dir = openat(m->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		m->pid = m->asked;
	}
	m->used = false;
	m->asked = 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum { PATH_SIZE = 256 };

uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static void path_of(const struct tree *t, char path[PATH_SIZE], pid_t pid, const char *name)
{
	int n = pid ? snprintf(path, PATH_SIZE, "%s/%d/%s", t->path, pid, name ? name : "")
		    : snprintf(path, PATH_SIZE, "%s/%s", t->path, name ? name : "");

	ck_assert_int_lt(n, PATH_SIZE);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ck_assert_msg(mkdir(path, 0755) == 0 || errno == EEXIST, "mkdir %s", path);
		*slash = '/';
	}
}

void tree_create(struct tree *t)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(t->path, sizeof(t->path), "%.40s/raypss-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_msg(mkdtemp(t->path) != NULL, "cannot create %s", t->path);
	/* Others may look, for tests without our rights. */
	ck_assert_int_eq(chmod(t->path, 0755), 0);
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(t->fd, 0);
	tree_last_pid(t, 1);
	/* The file systems are the real ones. */
	tree_link(t, 0, "self/fdinfo", "/proc/self/fdinfo");
	tree_link(t, 0, "self/mountinfo", "/proc/self/mountinfo");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_all(const char *path)
{
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void tree_destroy(struct tree *t)
{
	close(t->fd);
	remove_all(t->path);
}

void tree_remove(const struct tree *t, pid_t pid, const char *name)
{
	char path[PATH_SIZE];

	path_of(t, path, pid, name);
	remove_all(path);
}

void tree_write_bytes(
	const struct tree *t, pid_t pid, const char *name, const char *data, size_t len)
{
	char path[PATH_SIZE];
	FILE *f;

	path_of(t, path, pid, name);
	f = fopen(path, "w");
	ck_assert_msg(f != NULL, "cannot write %s", path);
	ck_assert_uint_eq(fwrite(data, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

void tree_write(const struct tree *t, pid_t pid, const char *name, const char *text)
{
	tree_write_bytes(t, pid, name, text, strlen(text));
}

void tree_link(const struct tree *t, pid_t pid, const char *name, const char *target)
{
	char path[PATH_SIZE];

	path_of(t, path, pid, name);
	ck_assert_msg(symlink(target, path) == 0, "cannot link %s", path);
}

void tree_spoil(const struct tree *t, pid_t pid, const char *name)
{
	char path[PATH_SIZE];

	path_of(t, path, pid, name);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0755), 0);
}

void tree_last_pid(const struct tree *t, pid_t pid)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "0.00 0.01 0.05 1/97 %d\n", pid);
	tree_write(t, 0, "loadavg", buf);
}

void tree_process(const struct tree *t, const struct fake *f)
{
	const char *comm = f->comm ? f->comm : "sh", *cmdline = f->cmdline ? f->cmdline : "";
	unsigned kib = (unsigned)(page_size() / 1024);
	char buf[1024];

	snprintf(buf, sizeof(buf),
		"%d (%s) S %d 1 1 0 -1 4194304 1 0 0 0 1 2 0 0 20 0 %u 0 %ju 0 0 "
		"18446744073709551615 1 2 %ju 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 3 4 %ju 6 7 8 9 0\n",
		f->pid, comm, f->ppid, f->threads ? f->threads : 1, (uintmax_t)f->start,
		(uintmax_t)f->stack, (uintmax_t)(f->stack / 2));
	tree_write(t, f->pid, "stat", buf);
	snprintf(buf, sizeof(buf), "%u %u %u 1 0 1 0\n", f->size, f->rss, f->shared);
	tree_write(t, f->pid, "statm", buf);
	snprintf(buf, sizeof(buf),
		"Name:\t%s\nPid:\t%d\nUid:\t%u\t0\t0\t0\nRssAnon:\t%u kB\nRssFile:\t0 kB\n"
		"RssShmem:\t%u kB\nVmPTE:\t%u kB\nVmSwap:\t%u kB\n",
		comm, f->pid, geteuid(), (f->rss - f->shared) * kib, f->shared * kib, f->pte_kib,
		f->swap_kib);
	if (f->hwm_kib)
		snprintf(buf + strlen(buf), sizeof(buf) - strlen(buf), "VmHWM:\t%u kB\n",
			f->hwm_kib);
	if (f->threads)
		snprintf(
			buf + strlen(buf), sizeof(buf) - strlen(buf), "Threads:\t%u\n", f->threads);
	tree_write(t, f->pid, "status", buf);
	tree_write_bytes(t, f->pid, "cmdline", cmdline, *cmdline ? strlen(cmdline) + 1 : 0);
	tree_write(t, f->pid, "maps", "");
	tree_write(t, f->pid, "environ", "");
	tree_write(t, f->pid, "fd/.keep", "");
}

void tree_map(
	const struct tree *t, pid_t pid, unsigned nth, const char *perms, int fd, const char *path)
{
	char name[PATH_SIZE], target[64];
	uint64_t start, end;
	struct stat st;
	FILE *f;

	ck_assert_int_eq(fstat(fd, &st), 0);
	start = 0x7f0000000000ULL + nth * 0x100000000ULL;
	end = start + (uint64_t)st.st_size;
	path_of(t, name, pid, "maps");
	f = fopen(name, "a");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "%jx-%jx %s 00000000 %02x:%02x %ju %*s%s\n", (uintmax_t)start, (uintmax_t)end,
		perms, major(st.st_dev), minor(st.st_dev), (uintmax_t)st.st_ino, 20, "", path);
	ck_assert_int_eq(fclose(f), 0);
	snprintf(name, sizeof(name), "map_files/%jx-%jx", (uintmax_t)start, (uintmax_t)end);
	snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
	tree_link(t, pid, name, target);
}

void tree_unmap(const struct tree *t, pid_t pid)
{
	tree_write(t, pid, "maps", "");
	tree_remove(t, pid, "map_files");
}

/* The mount of the real descriptor. */
static void fdinfo_copy(const struct tree *t, pid_t pid, unsigned number, int fd)
{
	char name[32], text[512];
	size_t n;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	f = fopen(name, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	snprintf(name, sizeof(name), "fdinfo/%u", number);
	tree_write_bytes(t, pid, name, text, n);
}

void tree_descriptor(const struct tree *t, pid_t pid, unsigned number, int fd, const char *name)
{
	char path[PATH_SIZE], target[PATH_SIZE];

	/* Through a link of that name, since what readlink says of a real one is the file's name. */
	snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
	snprintf(path, sizeof(path), "files/%u/%s", number, name);
	tree_link(t, pid, path, target);
	path_of(t, target, pid, path);
	snprintf(path, sizeof(path), "fd/%u", number);
	tree_link(t, pid, path, target);
	fdinfo_copy(t, pid, number, fd);
}

int tree_memory(uint64_t bytes)
{
	int fd = memfd_create("unit", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(posix_fallocate(fd, 0, (off_t)bytes), 0);
	return fd;
}

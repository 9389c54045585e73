/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plugin/attempts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/common/process_ref.h"
#include "tests/unit/unit.h"

enum { OTHER_USER = 65534 };

/* What the attempts are made on; the same in all processes of a test. */
static char top[] = "/tmp/raypss-confine-XXXXXX";
static int spool = -1, foreign_spool = -1, opened = -1, block = -1, told[2] = { -1, -1 };
static pid_t victim;

static const char *path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static int failed(int rc)
{
	return rc < 0 ? -errno : 0;
}

static int file_at(int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags | O_CLOEXEC, 0600), rc = failed(fd);

	if (fd >= 0)
		close(fd);
	return rc;
}

/* Reads the victim's file. */
static int read_of(const char *name)
{
	char path[64], buf[4096];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", victim, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf));
	if (n < 0)
		n = -errno;
	close(fd);
	return n > 0 ? 0 : n < 0 ? (int)n : -ENODATA;
}

int try_maps(void)
{
	return read_of("maps");
}

int try_smaps_rollup(void)
{
	return read_of("smaps_rollup");
}

int try_environ_read(void)
{
	return read_of("environ");
}

static int entries_stat(const char *directory)
{
	struct dirent *entry;
	char path[64];
	struct stat st;
	int rc = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/%s", victim, directory);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (rc && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			rc = failed(fstatat(dirfd(dir), entry->d_name, &st, 0));
	closedir(dir);
	return rc;
}

int try_map_files(void)
{
	return entries_stat("map_files");
}

int try_descriptors(void)
{
	return entries_stat("fd");
}

int try_live_figures(void)
{
	return failed((int)pwrite(opened, "x", 1, 0));
}

int try_message(void)
{
	return failed((int)send(told[1], "", 0, MSG_NOSIGNAL));
}

/* An older kernel does not know it. */
int try_procmap_query(void)
{
	int rc = failed(ioctl(opened, _IOC(_IOC_READ | _IOC_WRITE, 'f', 17, 104), NULL));

	return rc == -ENOTTY ? 0 : rc;
}

int try_address_spaces_compare(void)
{
	return failed((int)syscall(SYS_kcmp, getpid(), victim, KCMP_VM, 0, 0));
}

int try_memory_write(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", victim);
	return file_at(AT_FDCWD, path, O_RDWR);
}

int try_memory_read(void)
{
	static char there = 'x';
	char here;
	struct iovec local = { &here, 1 }, remote = { &there, 1 };

	return failed((int)process_vm_readv(victim, &local, 1, &remote, 1, 0));
}

int try_trace(void)
{
	int rc = failed((int)ptrace(PTRACE_SEIZE, victim, NULL, NULL));

	if (rc == 0)
		ptrace(PTRACE_DETACH, victim, NULL, NULL);
	return rc;
}

int try_signal_any(void)
{
	return failed(kill(victim, SIGCONT));
}

int try_signal_urgent(void)
{
	struct process_ref r = { .pidfd = -1 };
	uint64_t start = 0;
	int rc = process_ref_start(victim, &start, NULL);

	if (rc == 0)
		rc = process_ref_open(&r, victim, start);
	if (rc == 0)
		rc = process_ref_signal(&r, SIGURG);
	process_ref_close(&r);
	return rc;
}

int try_create_in_root(void)
{
	int rc = file_at(AT_FDCWD, "/raypss-confine", O_WRONLY | O_CREAT);

	if (rc == 0)
		unlink("/raypss-confine");
	return rc;
}

int try_open_for_writing(void)
{
	return file_at(AT_FDCWD, path_of("file"), O_WRONLY);
}

int try_shadow(void)
{
	return file_at(AT_FDCWD, "/etc/shadow", O_RDONLY);
}

/* The spool's link leads out of it. */
int try_shadow_by_link(void)
{
	return file_at(spool, "link", O_RDONLY);
}

int try_beside_the_spool(void)
{
	return file_at(spool, "../file", O_WRONLY);
}

int try_passwd(void)
{
	return file_at(AT_FDCWD, "/etc/passwd", O_RDONLY);
}

int try_rename_file(void)
{
	return failed(rename(path_of("file"), path_of("file")));
}

int try_remove_file(void)
{
	return failed(unlink(path_of("removed")));
}

int try_directory_make(void)
{
	int rc = failed(mkdir(path_of("made"), 0700));
	rmdir(path_of("made"));
	return rc;
}

int try_mode_set(void)
{
	return failed(chmod(path_of("file"), 0600));
}

/* Would end slurmstepd by SIGBUS. */
int try_block_cut(void)
{
	return failed(ftruncate(block, 1));
}

int try_execute(void)
{
	char *none[] = { NULL };
	int rc = failed(execve("/nonexistent", none, none));

	return rc == -ENOENT ? 0 : rc;
}

int try_process_make(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return failed(pid);
}

int try_socket_make(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc = failed(fd);

	close(fd);
	return rc;
}

int try_code_map(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -errno : failed(munmap(p, 4096));
}

int try_other_ioctl(void)
{
	int n;

	return failed(ioctl(told[1], TIOCOUTQ, &n));
}

int try_namespace_make(void)
{
	return failed(unshare(CLONE_NEWUTS));
}

int try_limits_of_others(void)
{
	struct rlimit limit;

	return failed(prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit));
}

int try_become_user(void)
{
	int rc = failed(setresuid(OTHER_USER, OTHER_USER, 0));

	return rc ? rc : failed(setresuid(0, 0, 0));
}

/* A record's life: a job's directory, a temporary file, its name, its end. */
static int record_life(int dir)
{
	int rc = failed(mkdirat(dir, "1", 0700));

	if (rc == 0)
		rc = file_at(dir, "1/.a.1", O_WRONLY | O_CREAT | O_TRUNC);
	if (rc == 0)
		rc = failed(renameat(dir, "1/.a.1", dir, "1/a"));
	if (rc == 0)
		rc = file_at(dir, "1/a", O_RDONLY | O_NOFOLLOW);
	if (rc == 0)
		rc = failed(unlinkat(dir, "1/a", 0));
	if (rc == 0)
		rc = failed(unlinkat(dir, "1", AT_REMOVEDIR));
	return rc;
}

int try_record(void)
{
	return record_life(spool);
}

int try_record_of_foreign_spool(void)
{
	return record_life(foreign_spool);
}

int try_host_read(void)
{
	return file_at(AT_FDCWD, path_of("state/host.json"), O_RDONLY);
}

int try_figures_remove(void)
{
	return failed(unlink(path_of("state/1.0.n1")));
}

int try_figures_make(void)
{
	return file_at(AT_FDCWD, path_of("state/new"), O_WRONLY | O_CREAT);
}

static int directory(const char *name, uid_t owner)
{
	int fd;

	ck_assert_int_eq(mkdir(path_of(name), 0700), 0);
	fd = open(path_of(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchown(fd, owner, (gid_t)-1), 0);
	return fd;
}

static void file(const char *name)
{
	ck_assert_int_eq(file_at(AT_FDCWD, path_of(name), O_WRONLY | O_CREAT), 0);
}

static void victim_start(void)
{
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	victim = fork();
	if (victim == 0) {
		close(ready[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setresuid(OTHER_USER, OTHER_USER, OTHER_USER) == 0)
			(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

void attempts_begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, told), 0);
	spool = directory("spool", 0);
	foreign_spool = directory("foreign", OTHER_USER);
	close(directory("state", 0));
	file("file");
	file("removed");
	file("state/host.json");
	file("state/1.0.n1");
	ck_assert_int_eq(symlinkat("/etc/shadow", spool, "link"), 0);
	opened = openat(spool, "../file", O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(opened, 0);
	block = memfd_create("block", MFD_CLOEXEC);
	ck_assert_int_ge(block, 0);
	victim_start();
}

void attempts_end(void)
{
	char command[96];

	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

int attempts_spool(void)
{
	return spool;
}

int attempts_foreign_spool(void)
{
	return foreign_spool;
}

const char *attempts_state(void)
{
	return path_of("state");
}

void attempts_tell(const char *text)
{
	(void)!send(told[1], text, strlen(text), 0);
}

void attempts_told(char *text, unsigned long size)
{
	unsigned long used = 0;
	ssize_t got;

	while ((got = recv(told[0], text + used, size - 1 - used, MSG_DONTWAIT)) >= 0)
		used += (unsigned long)got;
	text[used] = '\0';
}

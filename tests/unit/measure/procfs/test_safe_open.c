/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a user's process names are opened only where that cannot block; workers' logs are read. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/procfs/safe_open.h"
#include "measure/procfs/worker_log.h"
#include "tests/unit/unit.h"

static char top[64];
static int proc_fd;
static struct devices *devices;

static const char *path(const char *name)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", top, name);
	return text;
}

static void file_write(const char *name, const char *text, size_t len, off_t at)
{
	int fd = open(path(name), O_WRONLY | O_CREAT, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, text, len, at), (ssize_t)len);
	close(fd);
}

static void begin(void)
{
	/* A tmpfs everywhere; /tmp may be anything. */
	strcpy(top, "/dev/shm/raypss-unit.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	devices = devices_create(proc_fd);
	devices_begin(devices);
	ck_assert_int_eq(mkdir(path("dir"), 0755), 0);
	file_write("dir/file", "text", 4, 0);
	ck_assert_int_eq(mkfifo(path("fifo"), 0644), 0);
	ck_assert_int_eq(symlink("dir/file", path("link")), 0);
	ck_assert_int_eq(symlink("dir", path("linked-dir")), 0);
}

static void finish(void)
{
	char command[96];

	devices_destroy(devices);
	close(proc_fd);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

static const struct {
	const char *name;
	int rc; /* 0 = opened */
} names[] = {
	{ "dir/file", 0 },
	{ "dir", 0 },
	{ "dir//file", 0 },
	{ "none", -ENOENT },
	{ "dir/file/x", -ENOTDIR },
	{ "fifo", -EPERM },
	{ "link", -EPERM },
	{ "linked-dir/file", -ENOTDIR },
	{ "dir/../dir/file", -EPERM },
};

START_TEST(only_files_that_cannot_block_are_opened)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		enum device_kind kind;
		int fd = safe_open(devices, proc_fd, getpid(), path(names[i].name), &kind);

		ck_assert_msg(
			names[i].rc ? fd == names[i].rc : fd >= 0, "%s: %d", names[i].name, fd);
		if (fd >= 0) {
			ck_assert_int_eq(kind, DEVICE_MEMORY);
			close(fd);
		}
	}
}
END_TEST

START_TEST(files_of_the_kernel_s_own_are_not_opened)
{
	enum device_kind kind;

	ck_assert_int_eq(safe_open(devices, proc_fd, getpid(), "/proc/version", &kind), -EPERM);
	ck_assert_int_eq(safe_open(devices, proc_fd, 0x7ffffff, "/", &kind), -ENOENT);
}
END_TEST

/* What the log of a process tells whose descriptor 1 is the file. */
static enum worker_log log_of(const char *name, int flags, char log_name[TASK_NAME_SIZE])
{
	struct process p = { .log_name = "" };
	pid_t child = fork();

	if (child == 0) {
		int fd = open(path(name), flags);

		if (fd < 0 || dup2(fd, 1) < 0)
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, NULL, WUNTRACED), child);
	p.pid = p.via = child;
	worker_log_read(devices, proc_fd, &p);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	memcpy(log_name, p.log_name, sizeof(p.log_name));
	return p.log;
}

#define LOG "worker-0a1b-01000000-4711.out"

START_TEST(a_worker_s_log_is_read)
{
	static const char text[] = ":job_id:01000000\n:actor_name:Counter\n";
	char name[TASK_NAME_SIZE];

	file_write(LOG, text, strlen(text), 0);
	ck_assert_int_eq(log_of(LOG, O_RDWR, name), WORKER_LOG_ACTOR);
	ck_assert_str_eq(name, "Counter");
	file_write("other.out", text, strlen(text), 0);
	ck_assert_int_eq(log_of("other.out", O_RDWR, name), WORKER_LOG_NONE);
}
END_TEST

START_TEST(the_end_of_a_great_log_tells_what_became_of_the_worker)
{
	static const char before[] = ":task_name:f\n", after[] = "\n:actor_name:Counter\n";
	char name[TASK_NAME_SIZE];

	file_write(LOG, before, strlen(before), 0);
	file_write(LOG, after, strlen(after), (off_t)1 << 30);
	ck_assert_int_eq(log_of(LOG, O_RDWR, name), WORKER_LOG_ACTOR);
	ck_assert_str_eq(name, "Counter");
}
END_TEST

START_TEST(a_fifo_with_the_name_of_a_log_does_not_block)
{
	char name[TASK_NAME_SIZE];

	ck_assert_int_eq(mkfifo(path(LOG), 0644), 0);
	ck_assert_int_eq(log_of(LOG, O_RDWR, name), WORKER_LOG_NONE);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("safe_open");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, only_files_that_cannot_block_are_opened);
	tcase_add_test(tc, files_of_the_kernel_s_own_are_not_opened);
	tcase_add_test(tc, a_worker_s_log_is_read);
	tcase_add_test(tc, the_end_of_a_great_log_tells_what_became_of_the_worker);
	tcase_add_test(tc, a_fifo_with_the_name_of_a_log_does_not_block);
	return unit_run();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step whose memory is known beforehand: a parent that makes a shared object and readers that
 * map it, as Ray's store and workers do. To build it alone:
 * cc -O2 -o store store.c common.c object.c hold.c title.c nest.c
 */
#include "common.h"
#include "hold.h"
#include "nest.h"
#include "object.h"
#include "title.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNSET = -1, MAX_PROCESSES = 8192 };

static struct {
	size_t processes, private, heap, heap_write, touch, map_file, cache, punch, status;
	struct object object;
	struct hold hold;
	struct load load;
	size_t spike_ms;
	int exec, unmap, daemon, cgroup;
	const char *dir, *ready, *title, *reader;
} o = {
	.processes = 8,
	.private = 20 * MIB,
	.object = { .bytes = 300 * MIB, .id = -1 },
	.touch = 100,
	.hold.timeout = 60,
	.spike_ms = 100,
	.exec = UNSET,
	.dir = "/var/tmp",
};

static const struct option_spec specs[] = {
	{ "processes", "N", "readers", .count = &o.processes, .max = MAX_PROCESSES },
	{ "shared", "MIB", "size of the shared object, 0: none", .count = &o.object.bytes,
		.max = MAX_MIB, .unit = MIB },
	{ "private", "MIB", "anonymous memory of each reader", .count = &o.private, .max = MAX_MIB,
		.unit = MIB },
	{ "kind", "KIND", "plasma, memfd, sysv, anon, or file: on disk in --dir, unlinked",
		.choice = &o.object.kind, .choices = object_kinds },
	{ "touch", "PERCENT", "how much of the object each reader reads, from its start",
		.count = &o.touch, .max = 100 },
	{ "punch", "MIB", "punch a hole into the end of the filled object", .count = &o.punch,
		.max = MAX_MIB, .unit = MIB },
	{ "unmap", NULL, "in the end nobody maps the object; the parent keeps its descriptor",
		.flag = &o.unmap, .max = 1 },
	{ "heap", "MIB", "anonymous memory the parent fills before it forks; readers read it",
		.count = &o.heap, .max = MAX_MIB, .unit = MIB },
	{ "heap-write", "MIB", "how much of it each reader writes: then that is a copy of its own",
		.count = &o.heap_write, .max = MAX_MIB, .unit = MIB },
	{ "exec", NULL, "readers execute themselves anew (default, but for --heap, --kind anon)",
		.flag = &o.exec, .max = 1 },
	{ "no-exec", NULL, "readers are plain forks", .flag = &o.exec },
	{ "dir", "DIR", "where files on disk are made", .text = &o.dir },
	{ "map-file", "MIB", "a file on disk that readers map and read: page cache in their RSS",
		.count = &o.map_file, .max = MAX_MIB, .unit = MIB },
	{ "cache", "MIB", "a file on disk that the parent read()s: page cache in no RSS",
		.count = &o.cache, .max = MAX_MIB, .unit = MIB },
	{ "title", "TEXT", "title and name of the readers; C escapes such as \\n, \\x1b, \\033",
		.text = &o.title },
	{ "cgroup", NULL, "readers live in a new cgroup v2 below the own one", .flag = &o.cgroup,
		.max = 1 },
	{ "daemon", NULL, "all but the first process daemonises; that one stays until the end",
		.flag = &o.daemon, .max = 1 },
	{ "grow", "MIB/S", "when ready, the parent's anonymous memory grows at this rate",
		.count = &o.load.grow_rate, .min = 1, .max = MAX_MIB, .unit = MIB },
	{ "grow-to", "MIB", "up to this much", .count = &o.load.grow_to, .min = 1, .max = MAX_MIB,
		.unit = MIB },
	{ "spike", "MIB", "when ready, first of all one spike of anonymous memory of the parent",
		.count = &o.load.spike, .max = MAX_MIB, .unit = MIB },
	{ "spike-ms", "MS", "how long the spike stays once filled", .count = &o.spike_ms,
		.max = 600000 },
	{ "ready", "FILE", "when all is in place write pids and true sizes (JSON) to FILE",
		.text = &o.ready },
	{ "until", "FILE", "stay until FILE exists", .text = &o.hold.until },
	{ "timeout", "SECONDS", "wait no longer than this for it, then end with status 3",
		.seconds = &o.hold.timeout, .max = MAX_SECONDS },
	{ "hold", "SECONDS", "without --until: stay this long, and until grown (default 0)",
		.seconds = &o.hold.seconds, .max = MAX_SECONDS },
	{ "exit", "N", "the exit status in the end (default 0)", .count = &o.status, .max = 255 },
	{ "reader", "FDS", "internal: what a reader that was executed anew has inherited",
		.text = &o.reader },
	{ 0 },
};

/* What a reader is handed; -1: none. It lives until the write end of .end is closed. */
struct handed {
	int object, file, ready, end;
};

static struct {
	int argc;
	char **argv;
} self;
static char *heap;
static int cache = -1;

static void check_options(void)
{
	const char *kind = object_kinds[o.object.kind];

	if (o.unmap && !object_has_descriptor(&o.object))
		usage_error("--unmap: --kind %s keeps no descriptor; allowed: plasma, memfd, file",
			kind);
	if (o.exec == 1 && o.object.kind == OBJECT_ANON)
		usage_error("--exec: --kind anon does not outlive an exec; allowed: --no-exec");
	if (o.exec == 1 && o.heap)
		usage_error("--exec: a --heap does not outlive an exec; allowed: --no-exec");
	if (o.heap_write > o.heap)
		usage_error("--heap-write: the heap has %zu MiB; allowed: as much or less",
			o.heap / MIB);
	if (o.punch > o.object.bytes)
		usage_error("--punch: the object has %zu MiB; allowed: as much or less",
			o.object.bytes / MIB);
	if (!o.load.grow_rate != !o.load.grow_to)
		usage_error("--grow and --grow-to: allowed: both or neither");
	if (o.hold.until && o.hold.seconds > 0)
		usage_error("--hold: --until says when to end; allowed: one of them");
	if (o.title) {
		const char *text = o.title;

		o.title = title_decode(text);
		if (!o.title)
			usage_error("--title: '%s': allowed: C escapes other than NUL", text);
	}
	if (o.exec == UNSET)
		o.exec = !o.heap && o.object.kind != OBJECT_ANON;
	o.load.spike_seconds = (double)o.spike_ms / 1e3;
}

/* A daemon that keeps srun's streams open would keep srun waiting. */
static void leave_streams(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		err(EXIT_FAILED, "/dev/null");
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

static void report(int fd)
{
	if (o.daemon)
		leave_streams();
	if (write(fd, "", 1) != 1)
		err(EXIT_FAILED, "reporting");
	close(fd);
}

/* What readers read: never the hole, where a read would allocate memory again. */
static size_t touched(void)
{
	size_t bytes = (size_t)((unsigned long long)o.object.bytes * o.touch / 100);
	size_t left = o.object.bytes - o.punch;

	return bytes < left ? bytes : left;
}

static _Noreturn void reader(const struct handed *handed)
{
	char byte;

	if (o.title)
		title_set(self.argc, self.argv, o.title);
	else
		prctl(PR_SET_NAME, program_invocation_short_name); /* not "exe" */
	if (o.object.bytes) {
		o.object.id = handed->object;
		if (!o.object.memory)
			object_map(&o.object);
		object_close(&o.object);
		read_through(o.object.memory, touched());
	}
	if (o.map_file) {
		void *memory = mmap(NULL, o.map_file, PROT_READ, MAP_SHARED, handed->file, 0);

		if (memory == MAP_FAILED)
			err(EXIT_FAILED, "mapping a file of %zu bytes", o.map_file);
		close(handed->file);
		read_through(memory, o.map_file);
	}
	read_through(heap, o.heap);
	fill(heap, o.heap_write);
	if (o.private)
		fill(anonymous(o.private), o.private);
	if (o.unmap && o.object.bytes)
		object_unmap(&o.object);
	report(handed->ready);
	while (read(handed->end, &byte, 1) < 0 && errno == EINTR)
		;
	exit(EXIT_SUCCESS);
}

static _Noreturn void execute_reader(const struct handed *handed)
{
	char **argv = calloc((size_t)self.argc + 2, sizeof(*argv)), *option;

	if (!argv ||
		asprintf(&option, "--reader=%d,%d,%d,%d", handed->object, handed->file,
			handed->ready, handed->end) < 0)
		err(EXIT_FAILED, "a reader");
	argv[0] = self.argv[0];
	argv[1] = option;
	memcpy(argv + 2, self.argv + 1, (size_t)self.argc * sizeof(*argv));
	execv("/proc/self/exe", argv);
	err(EXIT_FAILED, "/proc/self/exe");
}

static pid_t start_reader(const struct handed *handed, int ready, int end)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		err(EXIT_FAILED, "fork");
	if (pid)
		return pid;
	if (!o.daemon)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	if (o.cgroup)
		nest_enter();
	if (o.exec)
		execute_reader(handed);
	close(ready);
	close(end);
	if (cache >= 0)
		close(cache);
	reader(handed);
}

static void inheritable(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

/* Returns what to close for the readers to end. All of them have done their work by then. */
static int start_readers(pid_t *pids, int file)
{
	int ready[2], end[2];
	struct handed handed = { .object = o.object.id, .file = file };
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(end, O_CLOEXEC) < 0)
		err(EXIT_FAILED, "pipe");
	inheritable(handed.ready = ready[1]);
	inheritable(handed.end = end[0]);
	for (size_t i = 0; i < o.processes; i++)
		pids[i] = start_reader(&handed, ready[0], end[1]);
	close(ready[1]);
	close(end[0]);
	/* A reader that died has closed its end: then the pipe ends before all have reported. */
	for (size_t i = 0; i < o.processes; i++)
		if (read(ready[0], &byte, 1) != 1)
			errx(EXIT_FAILED, "a reader failed");
	close(ready[0]);
	return end[1];
}

static int reap(const pid_t *pids)
{
	int failed = 0, status;

	for (size_t i = 0; i < o.processes; i++) {
		if (waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status) &&
			!WEXITSTATUS(status))
			continue;
		warnx("reader %ld ended early (signal %d)", (long)pids[i],
			WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		failed = EXIT_FAILED;
	}
	return failed;
}

static void make_memory(int *file)
{
	if (o.heap)
		fill(heap = anonymous(o.heap), o.heap);
	if (o.object.bytes) {
		object_create(&o.object, o.dir);
		fill(o.object.memory, o.object.bytes);
		object_punch(&o.object, o.punch);
	}
	if (o.map_file)
		*file = disk_file(o.dir, o.map_file);
	if (o.cache) {
		cache = disk_file(o.dir, o.cache);
		fcntl(cache, F_SETFD, FD_CLOEXEC);
		disk_file_read(cache, o.cache);
	}
}

static int finish(int status)
{
	return status ? status : (int)o.status;
}

/* Returns in the daemon, with what to report to. The first process stays until the end. */
static int daemonise(void)
{
	static const struct load none;
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		err(EXIT_FAILED, "daemon");
	if (pid) {
		close(ready[1]);
		waitpid(pid, NULL, 0);
		if (read(ready[0], &byte, 1) != 1)
			errx(EXIT_FAILED, "the daemon failed");
		exit(finish(hold(&o.hold, &none)));
	}
	setsid();
	pid = fork();
	if (pid)
		_exit(pid < 0);
	close(ready[0]);
	return ready[1];
}

int main(int argc, char **argv)
{
	static pid_t pids[MAX_PROCESSES];
	struct ready ready = { .origin = getpid(), .pids = pids };
	struct handed handed;
	bool of_shmem;
	int daemon_ready = -1, file = -1, end, status;

	self.argc = argc;
	self.argv = argv;
	options_parse(argc, argv, "A step that shares memory and whose true size is known.", specs);
	check_options();
	if (o.reader) {
		if (sscanf(o.reader, "%d,%d,%d,%d", &handed.object, &handed.file, &handed.ready,
			    &handed.end) != 4)
			usage_error("--reader: '%s': for internal use", o.reader);
		reader(&handed);
	}

	if (o.daemon)
		daemon_ready = daemonise();
	if (o.cgroup)
		nest_create();
	make_memory(&file);
	end = start_readers(pids, file);
	if (o.unmap && o.object.bytes)
		object_unmap(&o.object);

	of_shmem = o.object.kind != OBJECT_FILE;
	ready.parent = getpid();
	ready.processes = o.processes;
	ready.shared_bytes = of_shmem ? o.object.bytes - o.punch : 0;
	ready.private_bytes = o.processes * (o.private + o.heap_write) + o.heap;
	ready.file_bytes = o.map_file + o.cache + (of_shmem ? 0 : o.object.bytes - o.punch);
	if (o.ready)
		ready_write(o.ready, &ready);
	if (o.daemon)
		report(daemon_ready);

	status = hold(&o.hold, &o.load);
	close(end);
	if (reap(pids) && !status)
		status = EXIT_FAILED;
	if (o.cgroup)
		nest_remove();
	return finish(status);
}

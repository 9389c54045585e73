/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "passes.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/kernel_stack.h"
#include "base/procfile.h"
#include "base/units.h"
#include "measure/cgroup/memcg.h"
#include "measure/procfs/members.h"
#include "measure/procfs/pagewalk.h"
#include "measure/procfs/procfs.h"

enum { PROCESSES_MAX = 16384 };

/*
 * Ours stands before libc's, so that its own calls count as well; an instrumented build has an
 * allocator of its own.
 */
static uint64_t allocated;

#ifndef WITH_SANITIZERS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	allocated++;
	return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	allocated++;
	return __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *memory, size_t size)
{
	allocated++;
	return __libc_realloc(memory, size);
}
#endif

uint64_t allocations(void)
{
	return allocated;
}

void step_load(struct step *step, const char *path)
{
	json_error_t error;
	json_t *ready = json_load_file(path, 0, &error), *pids, *pid;
	json_int_t parent, shared, private;
	size_t i;

	if (!ready)
		errx(EXIT_FAILURE, "%s: %s", path, error.text);
	if (json_unpack_ex(ready, &error, 0, "{s:o, s:I, s:I, s:I}", "pids", &pids, "parent",
		    &parent, "shared_bytes", &shared, "private_bytes", &private))
		errx(EXIT_FAILURE, "%s: %s", path, error.text);
	step->parent = (pid_t)parent;
	step->shared = (uint64_t)shared;
	step->private = (uint64_t) private;
	step->n = (unsigned)json_array_size(pids) + 1;
	step->pids = calloc(step->n, sizeof(*step->pids));
	if (!step->pids)
		err(EXIT_FAILURE, "pids");
	step->pids[0] = step->parent;
	json_array_foreach (pids, i, pid)
		step->pids[i + 1] = (pid_t)json_integer_value(pid);
	json_decref(ready);
}

struct rig {
	int proc_fd;
	uint64_t now_ns;
	struct process_table *table;
	struct members *members;
	struct procfs *procfs;
	struct pagewalk *pagewalk;
};

struct rig *rig_create(void)
{
	static const struct members_options options;
	struct rig *s = calloc(1, sizeof(*s));

	if (!s)
		err(EXIT_FAILURE, "rig");
	s->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->now_ns = monotonic_ns();
	s->table = process_table_create(PROCESSES_MAX);
	if (!s->table || members_create(s->proc_fd, s->table, &options, &s->members))
		errx(EXIT_FAILURE, "cannot find members");
	s->procfs = procfs_create(s->proc_fd, s->table);
	s->pagewalk = pagewalk_create(s->proc_fd, 0);
	if (!s->procfs || !s->pagewalk)
		errx(EXIT_FAILURE, "out of memory");
	return s;
}

void rig_destroy(struct rig *s)
{
	pagewalk_destroy(s->pagewalk);
	procfs_destroy(s->procfs);
	members_destroy(s->members);
	process_table_destroy(s->table);
	close(s->proc_fd);
	free(s);
}

void cold_tick(struct rig *s, const struct step *step, struct sample *out)
{
	for (unsigned i = 0; i < step->n; i++)
		if (!process_add(s->table, step->pids[i]))
			errx(EXIT_FAILURE, "out of memory");
	procfs_refresh(s->procfs, s->now_ns);
	procfs_sample(s->procfs, s->now_ns, out);
}

unsigned discovery(const struct step *step)
{
	static const struct members_options options;
	struct process_table *table = process_table_create(PROCESSES_MAX);
	int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct members *members;
	unsigned n;

	if (!table || members_create(proc_fd, table, &options, &members) ||
		members_add(members, step->parent))
		errx(EXIT_FAILURE, "cannot find members");
	(void)members_discover(members, monotonic_ns());
	n = process_count(table);
	members_destroy(members);
	process_table_destroy(table);
	close(proc_fd);
	return n;
}

__attribute__((noinline)) void steady_tick(struct rig *s, struct sample *out)
{
	procfs_read(s->procfs);
	(void)members_discover(s->members, s->now_ns);
	procfs_refresh(s->procfs, s->now_ns);
	pagewalk_run(s->pagewalk, s->table, s->now_ns);
	procfs_sample(s->procfs, s->now_ns, out);
}

void settled_look(struct rig *s, struct sample *out)
{
	enum { LOOKS = 90 }; /* beyond the longest age, and what page walks save up for */

	for (unsigned i = 0; i < LOOKS; i++) {
		s->now_ns += NS_PER_S;
		steady_tick(s, out);
	}
}

unsigned unnoticed(unsigned n)
{
	struct rig *s = rig_create();
	unsigned missed = 0;
	struct sample sample;

	/* Ours is the step. */
	if (members_add(s->members, getpid()))
		errx(EXIT_FAILURE, "cannot account ourselves");
	steady_tick(s, &sample);
	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(EXIT_FAILURE, "fork");
		if (!pid) {
			pause();
			_exit(EXIT_SUCCESS);
		}
		steady_tick(s, &sample);
		missed += sample.processes != 2 || !process_find(s->table, pid);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		steady_tick(s, &sample);
		missed += sample.processes != 1 || process_find(s->table, pid);
	}
	rig_destroy(s);
	return missed;
}

const struct objects *rig_objects(const struct rig *s)
{
	return procfs_objects(s->procfs);
}

struct floor {
	int proc_fd;
	unsigned n;
	unsigned objects;
	int *fds;
	char (*paths)[PROC_PATH];
};

struct floor *floor_create(const struct step *step, const struct objects *objects)
{
	struct floor *f = calloc(1, sizeof(*f));
	const struct look_object *x;
	char path[PROC_PATH];
	unsigned rows;

	if (!f || !(f->fds = calloc(step->n, sizeof(*f->fds))))
		err(EXIT_FAILURE, "floor");
	f->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (f->n = 0; f->n < step->n; f->n++) {
		snprintf(path, sizeof(path), "%d/statm", step->pids[f->n]);
		f->fds[f->n] = openat(f->proc_fd, path, O_RDONLY | O_CLOEXEC);
		if (f->fds[f->n] < 0)
			err(EXIT_FAILURE, "%s", path);
	}
	x = objects_rows(objects, &rows);
	f->paths = calloc(rows + 1, sizeof(*f->paths));
	if (!f->paths)
		err(EXIT_FAILURE, "floor");
	for (unsigned i = 0; i < rows; i++)
		if (x[i].bytes)
			objects_witness_path(objects, i, f->paths[f->objects++]);
	return f;
}

void floor_destroy(struct floor *f)
{
	for (unsigned i = 0; i < f->n; i++)
		close(f->fds[i]);
	close(f->proc_fd);
	free(f->fds);
	free(f->paths);
	free(f);
}

void floor_pass(struct floor *f)
{
	char buf[128];
	struct stat st;

	for (unsigned i = 0; i < f->n; i++)
		if (pread(f->fds[i], buf, sizeof(buf), 0) <= 0)
			err(EXIT_FAILURE, "statm");
	for (unsigned i = 0; i < f->objects; i++)
		if (fstatat(f->proc_fd, f->paths[i], &st, 0))
			err(EXIT_FAILURE, "%s", f->paths[i]);
}

unsigned floor_objects(const struct floor *f)
{
	return f->objects;
}

struct rollup rollup_pass(const struct step *step)
{
	struct smaps sum = { 0 };
	char path[PROC_PATH], buf[4096];

	for (unsigned i = 0; i < step->n; i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", step->pids[i]);
		n = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
		if (n < 0 || smaps_add(buf, (size_t)n, &sum))
			errx(EXIT_FAILURE, "%s: %s", path, n < 0 ? strerror((int)-n) : "bad");
	}
	return (struct rollup){ sum.pss, sum.pss_anon, sum.rss };
}

struct group {
	struct memcg *memcg;
	int files[2];
};

struct group *group_create(const char *dir)
{
	const char *names[] = { "memory.stat", "memory.current" };
	struct group *g = calloc(1, sizeof(*g));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (!g || fd < 0)
		err(EXIT_FAILURE, "%s", dir);
	rc = memcg_open(dir, NULL, &g->memcg);
	if (rc == -ENOTSUP)
		names[1] = "memory.usage_in_bytes";
	else if (rc)
		errx(EXIT_FAILURE, "%s: %s", dir, strerror(-rc));
	for (unsigned i = 0; i < 2; i++) {
		g->files[i] = openat(fd, names[i], O_RDONLY | O_CLOEXEC);
		if (g->files[i] < 0)
			err(EXIT_FAILURE, "%s/%s", dir, names[i]);
	}
	close(fd);
	return g;
}

void group_destroy(struct group *g)
{
	memcg_close(g->memcg);
	for (unsigned i = 0; i < 2; i++)
		close(g->files[i]);
	free(g);
}

bool group_has_tick(const struct group *g)
{
	return g->memcg;
}

__attribute__((noinline)) void group_tick(struct group *g)
{
	struct sample sample;

	if (memcg_sample(g->memcg, &sample))
		errx(EXIT_FAILURE, "cannot read the group");
}

void group_floor(struct group *g)
{
	char buf[8192];

	for (unsigned i = 0; i < 2; i++)
		if (pread(g->files[i], buf, sizeof(buf), 0) <= 0)
			err(EXIT_FAILURE, "a file of the group");
}

uint64_t kernel_of(const struct step *step)
{
	char path[PROC_PATH], buf[4096];
	struct pid_status status;
	uint64_t sum = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (unsigned i = 0; i < step->n; i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/status", step->pids[i]);
		n = procfile_read(AT_FDCWD, path, buf, sizeof(buf));
		if (n < 0 || pid_status_parse(buf, (size_t)n, &status))
			errx(EXIT_FAILURE, "%s: %s", path, n < 0 ? strerror((int)-n) : "bad");
		sum += status.pte + status.threads * kernel_stack_bytes(page);
	}
	return sum;
}

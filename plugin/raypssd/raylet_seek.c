/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/raylet_seek.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/pid_read.h"
#include "plugin/raypssd/step_group.h"

enum {
	GENERATIONS = 64, /* between slurmstepd and a raylet */
	ALL_EVERY = 30, /* looks: process numbers may have begun anew unnoticed */
};

int raylet_seek_init(struct raylet_seek *s, const char *proc_root, pid_t stepd)
{
	*s = (struct raylet_seek){ .proc_root = proc_root, .stepd = stepd };
	s->proc_fd = open(proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->proc_fd < 0)
		return -errno;
	/* Without a group version stays 0. */
	(void)step_group_find(proc_root, stepd, &s->group);
	return 0;
}

void raylet_seek_close(struct raylet_seek *s)
{
	if (s->proc_fd >= 0)
		close(s->proc_fd);
	s->proc_fd = -1;
}

/* The process id given out last: the last word of /proc/loadavg. -1 = not known. */
static pid_t last_pid(const struct raylet_seek *s)
{
	char buf[128], *word;

	if (procfile_read(s->proc_fd, "loadavg", buf, sizeof(buf)) <= 0)
		return -1;
	word = strrchr(buf, ' ');
	return word ? (pid_t)strtol(word, NULL, 10) : -1;
}

/* The process's name with a newline. False: there is none. */
static bool comm_read(const struct raylet_seek *s, pid_t pid, char comm[COMM_SIZE])
{
	char path[PROC_PATH];

	procfile_path(path, pid, "comm");
	return procfile_read(s->proc_fd, path, comm, COMM_SIZE) > 0;
}

static pid_t parent_of(const struct raylet_seek *s, pid_t pid)
{
	struct pid_stat stat;

	return pid_stat_read(s->proc_fd, pid, &stat) ? 0 : stat.ppid;
}

static bool is_below(const struct raylet_seek *s, pid_t pid)
{
	for (int i = 0; i < GENERATIONS && pid > 1; i++) {
		pid = parent_of(s, pid);
		if (pid == s->stepd)
			return true;
	}
	return false;
}

static bool is_of_step(const struct raylet_seek *s, pid_t pid)
{
	static struct step_cgroup group;

	if (s->group.version && step_group_find(s->proc_root, pid, &group) == 0)
		return !strcmp(group.group, s->group.group);
	return is_below(s, pid);
}

/* Whether a new process is a raylet of the step. Remembers one that may become a driver. */
static bool process_look(struct raylet_seek *s, pid_t pid)
{
	char comm[COMM_SIZE];
	bool is_raylet;

	if (!comm_read(s, pid, comm))
		return false;
	is_raylet = !strcmp(comm, "raylet\n");
	if ((!is_raylet && !driver_seek_may(comm)) || !is_of_step(s, pid))
		return false;
	if (!is_raylet)
		driver_seek_add(&s->drivers, pid);
	return is_raylet;
}

/* Whether a raylet of the step has a greater process id than after. */
static bool seek(struct raylet_seek *s, pid_t after)
{
	int fd = openat(s->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		found = pid > after && process_look(s, pid);
	}
	closedir(dir);
	return found;
}

static bool raylet_look(struct raylet_seek *s)
{
	pid_t now = last_pid(s), after = s->seen_before;
	/* Numbers began anew since the last look, or since the one before it. */
	bool anew = now < s->seen || s->seen < s->seen_before;
	bool all = s->looks++ % ALL_EVERY == 0 || anew;

	if (!all && now == after)
		return false;
	s->seen_before = s->seen;
	s->seen = now;
	return seek(s, all ? 0 : after);
}

static bool driver_look(struct raylet_seek *s)
{
	pid_t pid = driver_seek_look(&s->drivers, s->proc_fd);

	return pid && is_of_step(s, pid);
}

bool raylet_seek_look(struct raylet_seek *s)
{
	uint64_t begin_ns = thread_cpu_ns();
	bool found = raylet_look(s) || driver_look(s);

	s->cost_ns = thread_cpu_ns() - begin_ns;
	return found;
}

uint64_t raylet_seek_pause_ns(const struct raylet_seek *s)
{
	uint64_t pause_ns = RAYLET_SEEK_PART * s->cost_ns;

	return pause_ns > RAYLET_SEEK_EVERY_NS ? pause_ns : RAYLET_SEEK_EVERY_NS;
}

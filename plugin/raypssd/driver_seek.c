/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/driver_seek.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/ray_identity.h"

/* A driver opens its log with its first descriptors, when it joins the cluster. */
enum { DESCRIPTORS = 256 };

bool driver_seek_may(const char *comm)
{
	return !strncmp(comm, "python", strlen("python"));
}

void driver_seek_add(struct driver_seek *d, pid_t pid)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->pids[i] == pid)
			return;
	if (d->n < DRIVER_SEEK_PROCESSES)
		d->pids[d->n++] = pid;
}

static bool leads_to_log(int dir, const char *name)
{
	char link[PATH_MAX];
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

	if (n <= 0)
		return false;
	link[n] = '\0';
	return core_log_of(link) == CORE_LOG_DRIVER;
}

/* False: the process has ended. */
static bool look_at(int proc_fd, pid_t pid, bool *is_driver)
{
	char path[PROC_PATH];
	struct dirent *entry;
	DIR *dir;
	int fd;

	procfile_path(path, pid, "fd");
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return fd >= 0;
	}
	for (unsigned i = 0; !*is_driver && i < DESCRIPTORS && (entry = readdir(dir)); i++)
		*is_driver = leads_to_log(dirfd(dir), entry->d_name);
	closedir(dir);
	return true;
}

pid_t driver_seek_look(struct driver_seek *d, int proc_fd)
{
	pid_t found = 0;
	unsigned kept = 0;

	for (unsigned i = 0; i < d->n; i++) {
		bool is_driver = false;

		if (!look_at(proc_fd, d->pids[i], &is_driver))
			continue;
		if (is_driver && !found)
			found = d->pids[i];
		d->pids[kept++] = d->pids[i];
	}
	d->n = kept;
	return found;
}

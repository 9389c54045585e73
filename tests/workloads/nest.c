/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"
#include "nest.h"

#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char nest[8192];

/* The first line of the file from which take() gets what it wants. */
static bool search(const char *path, bool (*take)(const char *line, char *to), char *to)
{
	FILE *file = fopen(path, "re");
	char line[8192];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = take(line, to);
	if (file)
		fclose(file);
	return found;
}

static bool take_mount(const char *line, char *to)
{
	return strstr(line, " - cgroup2 ") && sscanf(line, "%*s %*s %*s %*s %4095s", to) == 1;
}

static bool take_own(const char *line, char *to)
{
	return sscanf(line, "0::%4095[^\n]", to) == 1;
}

void nest_create(void)
{
	char mount[4096], own[4096];

	if (!search("/proc/self/mountinfo", take_mount, mount) ||
		!search("/proc/self/cgroup", take_own, own))
		errx(EXIT_FAILED, "--cgroup: there is no cgroup v2 here");
	if (snprintf(nest, sizeof(nest), "%s%s/store-%ld", mount, own, (long)getpid()) >=
			(int)sizeof(nest) ||
		mkdir(nest, 0755) < 0)
		err(EXIT_FAILED, "--cgroup: %s", nest);
}

void nest_enter(void)
{
	char path[sizeof(nest) + sizeof("/cgroup.procs")];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", nest);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		err(EXIT_FAILED, "--cgroup: %s", path);
	close(fd);
}

void nest_remove(void)
{
	if (rmdir(nest) < 0)
		warn("--cgroup: %s", nest);
}

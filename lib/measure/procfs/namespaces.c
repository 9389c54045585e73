/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/namespaces.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/procfile.h"

uint64_t namespace_of(int proc_fd, pid_t pid, const char *kind)
{
	char path[PROC_PATH], link[64];
	const char *p;
	uint64_t number;
	ssize_t n;

	if (pid)
		snprintf(path, sizeof(path), "%d/ns/%s", pid, kind);
	else
		snprintf(path, sizeof(path), "self/ns/%s", kind);
	n = readlinkat(proc_fd, path, link, sizeof(link));
	/* "mnt:[4026531841]" */
	p = n > 0 ? memchr(link, '[', (size_t)n) : NULL;
	if (!p)
		return 0;
	p++;
	return digits_parse(&p, link + n, &number) == 0 ? number : 0;
}

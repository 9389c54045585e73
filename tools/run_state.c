/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/run_state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/unknown.h"
#include "results/live_text.h"

struct run_state {
	int fd;
	struct live_text text;
	char path[PATH_MAX];
};

static int file_make(struct run_state *s)
{
	const char *dir = getenv("TMPDIR");
	int n;

	/* The command may change its directory: only an absolute path leads to the file then. */
	if (!dir || *dir != '/')
		dir = "/tmp";
	n = snprintf(s->path, sizeof(s->path), "%s/raypss-run.XXXXXX", dir);
	if (n >= (int)sizeof(s->path))
		return -ENAMETOOLONG;
	s->fd = mkostemp(s->path, O_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

int run_state_create(struct run_state **out)
{
	struct run_state *s = calloc(1, sizeof(*s));
	int rc = s ? file_make(s) : -ENOMEM;

	*out = rc ? NULL : s;
	if (rc) {
		fprintf(stderr, "raypss run: no live figures: cannot make \"%s\": %s\n",
			s ? s->path : "", strerror(-rc));
		free(s);
	}
	return rc;
}

void run_state_export(const struct run_state *s, uint64_t limit)
{
	char text[24];

	/* What stands there already would be figures of another command or step. */
	unsetenv("RAYPSS_STATE");
	unsetenv("RAYPSS_MEMORY_LIMIT");
	if (s)
		setenv("RAYPSS_STATE", s->path, 1);
	if (limit == UNKNOWN)
		return;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
	setenv("RAYPSS_MEMORY_LIMIT", text, 1);
}

void run_state_write(struct run_state *s, const struct account *a)
{
	char buf[LIVE_TEXT_SIZE];

	if (!s)
		return;
	/* After a failure the file shows old figures until the next sample. */
	(void)!pwrite(s->fd, buf, live_text_make(&s->text, a, buf), 0);
}

int run_state_fd(const struct run_state *s)
{
	return s ? s->fd : -1;
}

void run_state_destroy(struct run_state *s)
{
	if (!s)
		return;
	unlink(s->path);
	close(s->fd);
	free(s);
}

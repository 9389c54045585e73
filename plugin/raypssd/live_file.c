/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/live_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/paths.h"
#include "results/access.h"
#include "results/fields.h"

enum { STATE_SIZE = 1024 };

struct live_file {
	int fd;
	unsigned sequence;
	char path[NODE_SIZE + 64];
};

int live_file_create(const struct step_info *info, struct live_file **out)
{
	struct live_file *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (!s)
		return -ENOMEM;
	state_path(info, s->path, sizeof(s->path));
	if (mkdir(STATE_DIR, 0711) && errno != EEXIST)
		rc = -errno;
	/* What a crash left behind; the directory is root's, so nobody planted it. */
	unlink(s->path);
	s->fd = rc ? -1 : open(s->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (!rc && s->fd < 0)
		rc = -errno;
	/* A full file system is told now: later writes have nobody to tell. */
	if (!rc && fallocate(s->fd, FALLOC_FL_KEEP_SIZE, 0, STATE_SIZE) && errno == ENOSPC)
		rc = -ENOSPC;
	if (!rc)
		rc = access_grant_read(s->fd, info->uid);
	if (rc) {
		if (s->fd >= 0)
			unlink(s->path);
		live_file_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

/* All lines keep their length, because the text is overwritten while users read it. */
static size_t line(char *buf, size_t used, const char *key, uint64_t value)
{
	char number[24] = "-";

	if (value != UNKNOWN)
		snprintf(number, sizeof(number), "%" PRIu64, value);
	return used + (size_t)snprintf(buf + used, STATE_SIZE - used, "%s %20s\n", key, number);
}

void live_file_write(struct live_file *s, const struct account *a)
{
	const struct sample *now = &a->last;
	const struct record r = { .account = a, .sample = now };
	char buf[STATE_SIZE];
	size_t n;

	if (!s)
		return;
	s->sequence++;
	n = line(buf, 0, "sequence", s->sequence);
	n = line(buf, n, "elapsed_ms", (now->at_ns - a->started_ns) / NS_PER_MS);
	for (const struct field *f = fields; f->name; f++)
		if (f->live)
			n = line(buf, n, f->live, field_figure(f, &r));
	n = line(buf, n, "peak", sample_footprint(&a->peak));
	n = line(buf, n, "sequence", s->sequence);
	/* After a failure the file shows old figures until the next sample. */
	(void)!pwrite(s->fd, buf, n, 0);
}

void live_file_close(struct live_file *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

void live_file_discard(const struct step_info *info)
{
	char path[NODE_SIZE + 64];

	unlink(state_path(info, path, sizeof(path)));
}

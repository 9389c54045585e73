/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/live_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/common/paths.h"
#include "results/access.h"
#include "results/live_text.h"

struct live_file {
	int fd;
	struct live_text text;
	char path[NODE_SIZE + 64];
};

int live_file_create(const struct step_info *info, struct live_file **out)
{
	struct live_file *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (!s)
		return -ENOMEM;
	/* Slurm compares PSS with the limit then, which has mapped files in it. */
	s->text.with_file = info->kill_on_limit && info->corrected == CORRECTED_PSS;
	state_path(info, s->path, sizeof(s->path));
	if (mkdir(STATE_DIR, 0711) && errno != EEXIST)
		rc = -errno;
	/* What a crash left behind; the directory is root's, so nobody planted it. */
	unlink(s->path);
	s->fd = rc ? -1 : open(s->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (!rc && s->fd < 0)
		rc = -errno;
	/* A full file system is told now: later writes have nobody to tell. */
	if (!rc && fallocate(s->fd, FALLOC_FL_KEEP_SIZE, 0, LIVE_TEXT_SIZE) && errno == ENOSPC)
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

void live_file_write(struct live_file *s, const struct account *a)
{
	char buf[LIVE_TEXT_SIZE];

	if (!s)
		return;
	/* After a failure the file shows old figures until the next sample. */
	(void)!pwrite(s->fd, buf, live_text_make(&s->text, a, buf), 0);
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

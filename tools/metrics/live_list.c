/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/live_list.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "results/access.h"

/* The steps of a node are of few users, and a directory service may be slow: one name is kept. */
static void user_fill(int fd, char user[USER_SIZE])
{
	static struct {
		uid_t uid;
		char name[USER_SIZE];
	} last = { .uid = (uid_t)-1 };
	const struct passwd *entry;
	uid_t uid;

	*user = '\0';
	if (access_reader(fd, &uid))
		return;
	if (uid != last.uid) {
		entry = getpwuid(uid);
		if (entry)
			text_clean(last.name, sizeof(last.name), entry->pw_name,
				strlen(entry->pw_name));
		else
			snprintf(last.name, sizeof(last.name), "%u", uid);
		last.uid = uid;
	}
	strcpy(user, last.name);
}

static uint64_t age_of(int fd)
{
	struct timespec now;
	struct stat st;
	int64_t ms;

	if (fstat(fd, &st) || clock_gettime(CLOCK_REALTIME, &now))
		return UNKNOWN;
	ms = (now.tv_sec - st.st_mtim.tv_sec) * 1000 +
		(now.tv_nsec - st.st_mtim.tv_nsec) / (int64_t)NS_PER_MS;
	return ms > 0 ? (uint64_t)ms : 0;
}

static int step_read(const char *dir, const char *name, struct live_step *out)
{
	char path[512];
	int fd, rc;

	rc = live_name_parse(name, &out->name);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = live_open(path);
	if (fd < 0)
		return fd;
	user_fill(fd, out->user);
	out->age_ms = age_of(fd);
	rc = live_read(fd, &out->figures);
	close(fd);
	text_clean(out->name.step, sizeof(out->name.step), out->name.step, strlen(out->name.step));
	text_clean(out->name.node, sizeof(out->name.node), out->name.node, strlen(out->name.node));
	return rc;
}

static int by_name(const void *a, const void *b)
{
	const struct live_name *x = &((const struct live_step *)a)->name;
	const struct live_name *y = &((const struct live_step *)b)->name;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return strcmp(x->step, y->step) ?: strcmp(x->node, y->node);
}

int live_list_read(const char *dir, struct live_list *out)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	*out = (struct live_list){ 0 };
	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	out->steps = calloc(LIVE_STEPS, sizeof(*out->steps));
	if (!out->steps) {
		closedir(stream);
		return -ENOMEM;
	}
	while ((entry = readdir(stream))) {
		int rc = out->n < LIVE_STEPS ? step_read(dir, entry->d_name, &out->steps[out->n])
					     : -E2BIG;

		if (rc == 0)
			out->n++;
		else if (rc != -EINVAL && rc != -ENOENT && rc != -EAGAIN)
			out->left_out++;
	}
	closedir(stream);
	qsort(out->steps, out->n, sizeof(*out->steps), by_name);
	return 0;
}

void live_list_clear(struct live_list *list)
{
	free(list->steps);
	*list = (struct live_list){ 0 };
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/titles.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/procfile.h"
#include "base/text.h"
#include "measure/procfs/worker_log.h"

enum {
	TITLE_READ = 2048, /* a title, or a command line up to its script */
	LOGS = 64, /* read in a look */
};

/* A worker writes its log's first lines when its first task begins; a reused one may become an actor. */
#define LOG_AGE_NS (100 * NS_PER_MS)
#define LOG_AGE_TOLD_NS NS_PER_S

void titles_init(
	struct titles *t, int proc_fd, struct process_table *table, struct devices *devices)
{
	*t = (struct titles){ .proc_fd = proc_fd, .table = table, .devices = devices };
}

void titles_begin(struct titles *t)
{
	t->logs_left = LOGS;
}

bool titles_due(const struct process *p, uint64_t now_ns)
{
	if (p->title_fd >= 0)
		return true;
	return now_ns - p->seen_ns >= SETTLED_NS &&
		(p->title_ns < p->status_ns || p->title_ns < p->stat_ns ||
			p->core_log != p->core_log_used);
}

bool titles_may_become_driver(const struct titles *t, const struct process *p)
{
	return t->ray && p->role == ROLE_OTHER && !p->adopted &&
		!strncmp(p->row->name, "python", strlen("python"));
}

static ssize_t arguments_read(const struct titles *t, const struct process *p, char *buf)
{
	char path[PROC_PATH];

	if (p->title_fd >= 0)
		return procfile_pread(p->title_fd, buf, TITLE_READ);
	procfile_path(path, p->via, "cmdline");
	return procfile_read(t->proc_fd, path, buf, TITLE_READ);
}

/* Never 0. Another text with the same sum only delays what the title tells of its own process. */
static uint64_t sum_of(const char *text, size_t len)
{
	uint64_t sum = text_hash(0, text, len);

	return sum ? sum : 1;
}

/* Of a worker the title changes, of others the programs' arguments do not. */
static void title_keep(struct titles *t, struct process *p, bool is_worker)
{
	char path[PROC_PATH];

	if (is_worker == (p->title_fd >= 0))
		return;
	if (is_worker) {
		procfile_path(path, p->via, "cmdline");
		p->title_fd = p->statm_fd < 0 ? -1 /* no descriptors are left */
					      : openat(t->proc_fd, path, O_RDONLY | O_CLOEXEC);
	} else {
		close(p->title_fd);
		p->title_fd = -1;
	}
}

/* True: the log told something new. */
static bool log_refresh(struct titles *t, struct process *p, uint64_t now_ns, bool changed)
{
	enum worker_log before = p->log;
	uint64_t age = now_ns - p->log_ns;

	if (p->log == WORKER_LOG_ACTOR || !t->logs_left ||
		(p->log == WORKER_LOG_TASK ? !changed || age < LOG_AGE_TOLD_NS : age < LOG_AGE_NS))
		return false;
	t->logs_left--;
	p->log_ns = now_ns;
	worker_log_read(t->devices, t->proc_fd, p);
	return p->log != before;
}

/* The name that people know the process by: the title, else the command's name. */
static void title_show(const struct titles *t, struct process *p, const char *buf)
{
	const char *slash = buf[0] == '/' ? strrchr(buf, '/') : NULL;
	const char *name = slash ? slash + 1 : buf;

	/* "ray::f" and whatever setproctitle writes is a title. Of a path, take the last part. */
	if (*name)
		process_title(t->table, p, name, strlen(name));
}

static void identify(struct titles *t, struct process *p, const char *buf, size_t len)
{
	const struct ray_evidence evidence = { .command = p->row->title,
		.arguments = buf,
		.arguments_len = len,
		.log = p->log,
		.log_name = p->log_name,
		.core = p->core_log,
		.actor = p->actor };
	struct ray_identity identity;

	ray_identify(&evidence, &identity);
	p->core_log_used = p->core_log;
	process_name(t->table, p, &identity);
	if (identity.role == ROLE_ACTOR && p->log == WORKER_LOG_NONE)
		memcpy(p->actor, identity.name, sizeof(p->actor));
	t->ray |= identity.role != ROLE_OTHER;
}

void titles_read(struct titles *t, struct process *p, uint64_t now_ns)
{
	char buf[TITLE_READ];
	ssize_t n = arguments_read(t, p, buf);
	bool changed, is_worker;
	uint64_t sum;

	p->title_ns = now_ns;
	if (n <= 0)
		return;
	is_worker = ray_title_is_worker(buf, (size_t)n);
	/* What a title leaves of the arguments before it does not matter. */
	sum = sum_of(buf, is_worker ? strlen(buf) : (size_t)n);
	changed = sum != p->title_sum;
	title_keep(t, p, is_worker);
	if (is_worker && log_refresh(t, p, now_ns, changed))
		changed = true;
	if (!changed && p->core_log == p->core_log_used)
		return;
	p->title_sum = sum;
	title_show(t, p, buf);
	identify(t, p, buf, (size_t)n);
}

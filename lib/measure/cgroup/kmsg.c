/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/cgroup/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/text.h"
#include "base/units.h"
#include "measure/sample.h"

static const char cause[] = "oom-kill:";
static const char group_begin[] = "Tasks in ";
static const char group_end[] = " are going to be killed due to memory.oom.group set";
static const char killed[] = "Killed process ";

static const char *find(const char *from, const char *end, const char *text)
{
	return from < end ? memmem(from, (size_t)(end - from), text, strlen(text)) : NULL;
}

static bool begins(const char *from, const char *end, const char *text)
{
	return (size_t)(end - from) >= strlen(text) && !memcmp(from, text, strlen(text));
}

/* The last match counts: a process may have a name that looks like what follows the name. */
static const char *find_last(const char *from, const char *end, const char *text)
{
	const char *last = NULL;

	for (const char *p = from; (p = find(p, end, text)); p++)
		last = p;
	return last;
}

static int pid_parse(const char **p, const char *end, pid_t *pid)
{
	uint64_t value;

	if (digits_parse(p, end, &value) || !value || value > INT_MAX)
		return -EINVAL;
	*pid = (pid_t)value;
	return 0;
}

/* Hexadecimal digit, or -1. */
static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A text without the \xHH that /dev/kmsg puts for what is not printable. */
static size_t unescape(char *dst, size_t size, const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && n + 1 < size) {
		if (end - p >= 4 && p[0] == '\\' && p[1] == 'x' && digit(p[2]) >= 0 &&
			digit(p[3]) >= 0) {
			dst[n++] = (char)(digit(p[2]) << 4 | digit(p[3]));
			p += 4;
		} else {
			dst[n++] = *p++;
		}
	}
	dst[n] = '\0';
	return n;
}

static void name_take(struct kmsg_oom *out, const char *p, const char *end)
{
	char raw[4 * TITLE_SIZE];
	size_t n = unescape(raw, sizeof(raw), p, end);

	text_clean(out->name, sizeof(out->name), raw, n);
}

/*
 * oom-kill:constraint=C,nodemask=N,cpuset=S,mems_allowed=M,oom_memcg=PATH,task_memcg=PATH,
 * task=NAME,pid=PID,uid=UID, since Linux 5.0. Without oom_memcg but "global_oom": the node.
 */
static int cause_parse(const char *p, const char *end, struct kmsg_oom *out)
{
	const char *oom = find(p, end, ",oom_memcg="), *task = find(p, end, ",task_memcg=");
	const char *pid = find_last(p, end, ",pid="), *number, *name;

	if (!task || !pid || pid < task)
		return -EINVAL;
	/* Only root names groups, so the first ",task=" ends the path. */
	name = find(task, pid, ",task=");
	if (!name)
		return -EINVAL;
	number = pid + strlen(",pid=");
	if (pid_parse(&number, end, &out->pid) || (number < end && *number != ','))
		return -EINVAL;
	task += strlen(",task_memcg=");
	if (unescape(out->task_memcg, sizeof(out->task_memcg), task, name) + 1 == PATH_MAX)
		return -EINVAL;
	if (oom && oom < task) {
		oom += strlen(",oom_memcg=");
		unescape(
			out->oom_memcg, sizeof(out->oom_memcg), oom, task - strlen(",task_memcg="));
	}
	name_take(out, name + strlen(",task="), pid);
	out->kind = KMSG_CAUSE;
	return 0;
}

static int group_parse(const char *p, const char *end, struct kmsg_oom *out)
{
	const char *close = find_last(p, end, group_end);

	if (!close)
		return 0;
	unescape(out->oom_memcg, sizeof(out->oom_memcg), p, close);
	out->kind = KMSG_GROUP;
	return 0;
}

static uint64_t kib_after(const char *p, const char *end, const char *key)
{
	const char *at = find(p, end, key);
	uint64_t value;

	if (!at)
		return UNKNOWN;
	at += strlen(key);
	if (digits_parse(&at, end, &value) || end - at < 2 || memcmp(at, "kB", 2) ||
		__builtin_mul_overflow(value, KIB, &value))
		return UNKNOWN;
	return value;
}

/*
 * Memory cgroup out of memory: Killed process PID (NAME) total-vm:1kB, anon-rss:1kB, file-rss:1kB,
 * shmem-rss:1kB, UID:0 pgtables:1kB oom_score_adj:0. "Out of memory" when it was the node's.
 */
static int killed_parse(const char *p, const char *end, struct kmsg_oom *out)
{
	const char *close = find_last(p, end, ") total-vm:");

	if (!close || pid_parse(&p, close, &out->pid) || close - p < 2 || memcmp(p, " (", 2))
		return -EINVAL;
	name_take(out, p + 2, close);
	out->anon = kib_after(close, end, "anon-rss:");
	out->file = kib_after(close, end, "file-rss:");
	out->shmem = kib_after(close, end, "shmem-rss:");
	out->kind = KMSG_KILLED;
	return 0;
}

int kmsg_oom_parse(const char *buf, size_t len, struct kmsg_oom *out)
{
	static const char *const reasons[] = { "Memory cgroup out of memory", "Out of memory" };
	const char *end = memchr(buf, '\n', len), *p = buf, *at;
	uint64_t priority;

	if (!end)
		end = buf + len;
	*out = (struct kmsg_oom){ .anon = UNKNOWN, .file = UNKNOWN, .shmem = UNKNOWN };
	if (digits_parse(&p, end, &priority) || p == end || *p != ',')
		return -EINVAL;
	p = memchr(p, ';', (size_t)(end - p));
	if (!p)
		return -EINVAL;
	p++;
	/* The facility stands above three bits of level; 0 is the kernel, which nobody can forge. */
	if (priority >> 3)
		return 0;
	if (begins(p, end, cause))
		return cause_parse(p, end, out);
	if (begins(p, end, group_begin))
		return group_parse(p + strlen(group_begin), end, out);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (!begins(p, end, reasons[i]))
			continue;
		/* "Out of memory (oom_kill_allocating_task): Killed process" is one, too. */
		at = find(p, end, killed);
		return at ? killed_parse(at + strlen(killed), end, out) : 0;
	}
	return 0;
}

int kmsg_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

ssize_t kmsg_read(int fd, char buf[KMSG_RECORD])
{
	ssize_t n;

	do {
		n = read(fd, buf, KMSG_RECORD);
	} while (n < 0 && (errno == EINTR || errno == EPIPE));
	if (n == 0)
		return -EAGAIN;
	return n < 0 ? -errno : n;
}

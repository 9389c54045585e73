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

/*
 * Any user can have the kernel log a line with texts of his choice: the name of a program that
 * crashes, and of the file that it ran. Such a line begins with the name, which has at most
 * NAME_LONGEST bytes, and goes on with "[PID]: ". So a line is believed if its beginning is longer
 * than a name, its level is that of the kernel's own message, and nothing follows its last figure.
 */
static const char cause[] = "oom-kill:constraint=CONSTRAINT_";
static const char group_begin[] = "Tasks in ";
static const char group_end[] = " are going to be killed due to memory.oom.group set";
static const char *const killed[] = {
	"Memory cgroup out of memory: Killed process ",
	"Out of memory: Killed process ",
	"Out of memory (oom_kill_allocating_task): Killed process ",
};

enum { NAME_LONGEST = 15 }; /* TASK_COMM_LEN of the kernel, without the NUL */

/* Levels of syslog(2), as the kernel logs these messages. */
enum { LEVEL_KILLED = 3, LEVEL_CAUSE = 6 };

static const char *find(const char *from, const char *end, const char *text)
{
	return from < end ? memmem(from, (size_t)(end - from), text, strlen(text)) : NULL;
}

static bool begins(const char *from, const char *end, const char *text)
{
	return (size_t)(end - from) >= strlen(text) && !memcmp(from, text, strlen(text));
}

/* Moves *p behind the text where it stands there. */
static bool skip(const char **p, const char *end, const char *text)
{
	if (!begins(*p, end, text))
		return false;
	*p += strlen(text);
	return true;
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
		bool escaped = end - p >= 4 && p[0] == '\\' && p[1] == 'x';
		int high = escaped ? digit(p[2]) : -1, low = escaped ? digit(p[3]) : -1;

		if (high >= 0 && low >= 0) {
			dst[n++] = (char)(high * 16 + low);
			p += 4;
		} else {
			dst[n++] = *p++;
		}
	}
	dst[n] = '\0';
	return n;
}

/* A longer text is no name: it has a piece of a path that was made to look like a name. */
static int name_take(struct kmsg_oom *out, const char *p, const char *end)
{
	char raw[NAME_LONGEST + 2];
	size_t n = unescape(raw, sizeof(raw), p, end);

	if (n > NAME_LONGEST)
		return -EINVAL;
	text_clean(out->name, sizeof(out->name), raw, n);
	return 0;
}

/* The group that ran out of its limit, which stands from p to end. None: it was the node. */
static void oom_memcg_take(struct kmsg_oom *out, const char *p, const char *end)
{
	static const char key[] = ",oom_memcg=", node[] = ",global_oom";
	const char *path = find_last(p, end, key);

	if (!path || ((size_t)(end - p) >= strlen(node) && begins(end - strlen(node), end, node)))
		return;
	unescape(out->oom_memcg, sizeof(out->oom_memcg), path + strlen(key), end);
}

/*
 * oom-kill:constraint=C,nodemask=N,cpuset=S,mems_allowed=M,oom_memcg=PATH,task_memcg=PATH,
 * task=NAME,pid=PID,uid=UID, since Linux 5.0. Without oom_memcg but "global_oom": the node.
 */
static int cause_parse(const char *p, const char *end, struct kmsg_oom *out)
{
	const char *memcg = find(p, end, ",task_memcg="), *path, *task, *tail, *number;
	uint64_t uid;

	tail = memcg ? find_last(memcg, end, ",pid=") : NULL;
	task = tail ? find(memcg, tail, ",task=") : NULL;
	if (!task)
		return -EINVAL;
	number = tail + strlen(",pid=");
	if (pid_parse(&number, end, &out->pid) || !skip(&number, end, ",uid=") ||
		digits_parse(&number, end, &uid) || number != end)
		return -EINVAL;
	path = memcg + strlen(",task_memcg=");
	if (unescape(out->task_memcg, sizeof(out->task_memcg), path, task) + 1 == PATH_MAX)
		return -EINVAL;
	oom_memcg_take(out, p, memcg);
	out->kind = KMSG_CAUSE;
	return name_take(out, task + strlen(",task="), tail);
}

static int group_parse(const char *p, const char *end, struct kmsg_oom *out)
{
	const char *close = find_last(p, end, group_end);

	/* "Tasks in " is shorter than a name, but every line of a crash has more behind it. */
	if (!close || *p != '/' || close + strlen(group_end) != end)
		return 0;
	unescape(out->oom_memcg, sizeof(out->oom_memcg), p, close);
	out->kind = KMSG_GROUP;
	return 0;
}

/* Takes "KEY:NkB", which stands at *p, as bytes. */
static bool kib_take(const char **p, const char *end, const char *key, uint64_t *value)
{
	return skip(p, end, key) && digits_parse(p, end, value) == 0 && skip(p, end, "kB") &&
		!__builtin_mul_overflow(*value, KIB, value);
}

/* ", UID:0 pgtables:1kB oom_score_adj:0", since Linux 5.4. */
static bool tail_skip(const char **p, const char *end)
{
	uint64_t value;

	if (!skip(p, end, ", UID:") || digits_parse(p, end, &value) ||
		!kib_take(p, end, " pgtables:", &value) || !skip(p, end, " oom_score_adj:"))
		return false;
	skip(p, end, "-");
	return digits_parse(p, end, &value) == 0;
}

/*
 * PID (NAME) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:1kB, UID:0 pgtables:1kB
 * oom_score_adj:0.
 */
static int killed_parse(const char *p, const char *end, struct kmsg_oom *out)
{
	const char *close = find_last(p, end, ") total-vm:"), *name;
	uint64_t total;

	if (!close || pid_parse(&p, close, &out->pid) || !skip(&p, close, " ("))
		return -EINVAL;
	name = p;
	p = close + 1;
	if (!kib_take(&p, end, " total-vm:", &total) ||
		!kib_take(&p, end, ", anon-rss:", &out->anon) ||
		!kib_take(&p, end, ", file-rss:", &out->file) ||
		!kib_take(&p, end, ", shmem-rss:", &out->shmem))
		return -EINVAL;
	if (p != end && (!tail_skip(&p, end) || p != end))
		return -EINVAL;
	out->kind = KMSG_KILLED;
	return name_take(out, name, close);
}

static int text_parse(unsigned level, const char *p, const char *end, struct kmsg_oom *out)
{
	if (level == LEVEL_CAUSE && skip(&p, end, cause))
		return cause_parse(p, end, out);
	if (level == LEVEL_CAUSE && skip(&p, end, group_begin))
		return group_parse(p, end, out);
	for (size_t i = 0; level == LEVEL_KILLED && i < sizeof(killed) / sizeof(*killed); i++)
		if (skip(&p, end, killed[i]))
			return killed_parse(p, end, out);
	return 0;
}

int kmsg_oom_parse(const char *buf, size_t len, struct kmsg_oom *out)
{
	const char *end = memchr(buf, '\n', len), *p = buf;
	uint64_t priority;

	if (!end)
		end = buf + len;
	*out = (struct kmsg_oom){ .anon = UNKNOWN, .file = UNKNOWN, .shmem = UNKNOWN };
	if (digits_parse(&p, end, &priority) || p == end || *p != ',')
		return -EINVAL;
	p = memchr(p, ';', (size_t)(end - p));
	if (!p)
		return -EINVAL;
	/* The facility stands above three bits of level; 0 is the kernel, others are processes. */
	if (priority >> 3)
		return 0;
	return text_parse((unsigned)priority, p + 1, end, out);
}

/* PID_NS_INIT_INO of linux/nsfs.h; the same since Linux 3.8. */
static const char first_namespace[] = "pid:[4026531836]";

bool kmsg_has_our_pids(void)
{
	char name[sizeof(first_namespace)];
	ssize_t n = readlink("/proc/self/ns/pid", name, sizeof(name));

	return n == sizeof(first_namespace) - 1 && !memcmp(name, first_namespace, (size_t)n);
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

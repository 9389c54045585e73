/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/process_ref.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/procfile.h"
#include "measure/procfs/pid_read.h"

/* linux/pidfd.h, since Linux 6.9. */
enum { SIGNAL_GROUP = 1 << 2 };

static const struct process_ref nobody = { .pidfd = -1 };

int process_ref_start(pid_t pid, uint64_t *start, pid_t *parent)
{
	char path[PROC_PATH];
	struct pid_stat stat;
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	rc = pid_stat_read_at(AT_FDCWD, path, &stat);
	if (rc)
		return rc;
	*start = stat.start;
	if (parent)
		*parent = stat.ppid;
	return 0;
}

pid_t process_ref_peer(int socket)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? 0 : peer.pid;
}

int process_ref_check(pid_t pid, uint64_t start)
{
	uint64_t now;
	int rc = process_ref_start(pid, &now, NULL);

	return rc == 0 && now != start ? -ESRCH : rc;
}

int process_ref_open(struct process_ref *r, pid_t pid, uint64_t start)
{
	int rc;

	*r = nobody;
	/* pidfd_open(2) takes no other numbers; to kill(2) they mean groups, or everybody. */
	if (pid <= 0)
		return -ESRCH;
	r->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* A sandbox around all of Slurm may refuse calls that it does not know with EPERM. */
	if (r->pidfd < 0 && errno != ENOSYS && errno != EPERM)
		return errno == EINVAL ? -ESRCH : -errno;
	/* The pidfd came first, so a start time that fits belongs to the process behind it. */
	rc = process_ref_check(pid, start);
	if (rc) {
		process_ref_close(r);
		return rc;
	}
	r->pid = pid;
	r->start = start;
	return 0;
}

int process_ref_signal(const struct process_ref *r, int signal)
{
	int rc;

	if (r->pid <= 0)
		return -ESRCH;
	if (r->pidfd >= 0)
		return syscall(SYS_pidfd_send_signal, r->pidfd, signal, NULL, 0) ? -errno : 0;
	rc = process_ref_check(r->pid, r->start);
	if (rc == 0 && kill(r->pid, signal))
		rc = -errno;
	return rc;
}

int process_ref_signal_group(const struct process_ref *r, int signal)
{
	int rc;

	if (r->pid <= 0)
		return -ESRCH;
	if (r->pidfd >= 0) {
		if (syscall(SYS_pidfd_send_signal, r->pidfd, signal, NULL, SIGNAL_GROUP) == 0)
			return 0;
		if (errno != EINVAL)
			return -errno;
	}
	rc = process_ref_check(r->pid, r->start);
	if (rc == 0 && kill(-r->pid, signal))
		rc = -errno;
	return rc;
}

void process_ref_close(struct process_ref *r)
{
	if (r->pidfd >= 0)
		close(r->pidfd);
	*r = nobody;
}

bool process_ref_has_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

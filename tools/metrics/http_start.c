/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/metrics/http_start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "plugin/common/fds.h"
#include "plugin/common/paths.h"
#include "tools/metrics/http/scrape_socket.h"

/* Copies above the places that the descriptors come to, so that none is overwritten. */
static int fds_place(int listen_fd, int reader_fd, int *program_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int listening = fcntl(listen_fd, F_DUPFD_CLOEXEC, SCRAPE_FDS);
	int reader = fcntl(reader_fd, F_DUPFD_CLOEXEC, SCRAPE_FDS);
	int program = fcntl(*program_fd, F_DUPFD_CLOEXEC, SCRAPE_FDS);

	if (null < 0 || listening < 0 || reader < 0 || program < 0)
		return -errno;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		dup2(listening, SCRAPE_LISTEN_FD) < 0 || dup2(reader, SCRAPE_READER_FD) < 0)
		return -errno;
	*program_fd = program;
	fds_close_but(SCRAPE_FDS, &program, 1);
	return 0;
}

struct identity {
	uid_t uid;
	gid_t gid;
};

static struct identity nobody(void)
{
	const struct passwd *entry = getpwnam("nobody");

	return entry ? (struct identity){ entry->pw_uid, entry->pw_gid }
		     : (struct identity){ 65534, 65534 };
}

/* The kernel forgets the signal for a parent's death when the user changes. */
static int become(struct identity user, pid_t parent)
{
	sigset_t none;

	if (geteuid() == 0 &&
		(setgroups(0, NULL) || setresgid(user.gid, user.gid, user.gid) ||
			setresuid(user.uid, user.uid, user.uid)))
		return -errno;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

/* The program was opened before, since nobody may be unable to enter its directory. */
static void run(int listen_fd, int reader_fd, int program_fd, struct identity user, pid_t parent)
{
	static char name[] = "raypss-http";
	char *const argv[] = { name, NULL }, *const no_environment[] = { NULL };
	int rc = fds_place(listen_fd, reader_fd, &program_fd);

	if (rc == 0)
		rc = become(user, parent);
	if (rc == 0) {
		fexecve(program_fd, argv, no_environment);
		rc = -errno;
	}
	fprintf(stderr, "raypss metrics: cannot run \"" HTTP_PATH "\": %s\n", strerror(-rc));
	_exit(127);
}

int http_start(int listen_fd, int reader_fd, pid_t *pid)
{
	struct identity user = nobody();
	pid_t parent = getpid();
	int program = open(HTTP_PATH, O_PATH | O_CLOEXEC), rc = 0;

	if (program < 0)
		return -errno;
	*pid = fork();
	if (*pid == 0)
		run(listen_fd, reader_fd, program, user, parent);
	if (*pid < 0)
		rc = -errno;
	close(program);
	return rc;
}

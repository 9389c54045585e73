/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/writer_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "plugin/confine/call_filter.h"
#include "plugin/confine/landlock.h"
#include "plugin/confine/privileges.h"

static const struct privilege_limits limits = {
	.memory = 256 * 1024 * 1024,
	.file = 64 * 1024 * 1024, /* a record; the largest seen have less than 1 MiB */
	.descriptors = 64,
};

static int capabilities_keep(int spool)
{
	static const unsigned override = CAP_DAC_OVERRIDE;
	struct stat st;
	int foreign = spool >= 0 && fstat(spool, &st) == 0 && st.st_uid != geteuid();

	return privileges_keep(&override, foreign ? 1 : 0);
}

static int files_restrict(int spool, const char *state)
{
	const struct landlock_rule rules[] = {
		{ spool, LANDLOCK_READ | LANDLOCK_WRITE },
		{ open(state, O_PATH | O_DIRECTORY | O_CLOEXEC), LANDLOCK_READ | LANDLOCK_REMOVE },
	};
	int rc = landlock_restrict(rules, sizeof(rules) / sizeof(*rules), 1);

	if (rules[1].dir >= 0)
		close(rules[1].dir);
	return rc == -ENOSYS ? 0 : rc;
}

#ifndef WITH_SANITIZERS
static const struct call_rule calls[] = {
	CALL(read),
	CALL(pread64),
	CALL(write),
	CALL(writev),
	CALL(pwrite64),
	CALL(open),
	CALL(openat),
	CALL(openat2),
	CALL(close),
	CALL(stat),
	CALL(fstat),
	CALL(newfstatat),
	CALL(statx),
	CALL(lseek),
	CALL(getdents64),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(unlink),
	CALL(unlinkat),
	CALL(mkdirat),
	CALL(fchmod),
	CALL(fgetxattr),
	CALL(fsetxattr),
	CALL(fremovexattr),
	CALL(utimensat),
	CALL(flock),
	CALL(fsync),
	CALL(fdatasync),
	CALL_IF(fcntl, ARGUMENT_IS(1, F_GETFL)), /* fdopendir makes both */
	CALL_IF(fcntl, ARGUMENT_IS(1, F_SETFD)),
	CALL_IF(sendto, ARGUMENT_IS(4, 0)), /* over sockets that are connected */
	CALL(recvfrom),
	CALL(poll),
	CALL_IF(mmap, ARGUMENT(2, PROT_EXEC, 0)),
	CALL(munmap),
	CALL(mremap),
	CALL(brk),
	CALL(madvise),
	CALL(clock_gettime),
	CALL(clock_nanosleep), /* between two tries for a lock */
	CALL(nanosleep),
	CALL(gettimeofday),
	CALL(time),
	CALL(timer_settime),
	CALL(getpid),
	CALL(geteuid),
	CALL(restart_syscall),
	CALL(rt_sigreturn),
	CALL(exit),
	CALL(exit_group),
};

static int calls_restrict(void)
{
	scmp_filter_ctx filter = call_filter_only();
	int rc = filter ? call_filter_allow(filter, CALL_RULES(calls)) : -ENOMEM;

	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}
#else
/* Sanitizers make calls of their own. */
static int calls_restrict(void)
{
	return 0;
}
#endif

int writer_confine(int spool, const char *state)
{
	int rc = privileges_limit(&limits);

	/* From /dev/urandom, which is out of reach afterwards. */
	json_object_seed(0);
	/* Landlock asks for it. */
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (rc == 0)
		rc = capabilities_keep(spool);
	if (rc == 0)
		rc = files_restrict(spool, state);
	if (rc == 0)
		rc = calls_restrict();
	return rc;
}

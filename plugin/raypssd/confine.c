/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "config.h"
#include "plugin/common/process_ref.h"

static int capabilities_drop(void)
{
	static const unsigned kept[] = {
		CAP_SYS_PTRACE, /* smaps_rollup and maps of other users */
		CAP_CHECKPOINT_RESTORE, /* stat through map_files */
		CAP_SYS_ADMIN, /* the same before Linux 5.9; dropped below if it is not needed */
		CAP_DAC_READ_SEARCH, /* their /proc/PID/fd and map_files directories */
		CAP_DAC_OVERRIDE, /* a spool that belongs to a named user */
		CAP_KILL, /* notify=SIG@PCT% */
		CAP_SYSLOG, /* the kernel's OOM messages */
	};

	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		if (kept[i] == CAP_SYS_ADMIN &&
			capng_have_capability(CAPNG_PERMITTED, CAP_CHECKPOINT_RESTORE))
			continue;
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
	}
	return capng_apply(CAPNG_SELECT_BOTH) ? -EPERM : 0;
}

#ifndef WITH_SANITIZERS
/* The kernel answers any other call with EPERM, and that only in a real step. */
static const int calls_allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(pwrite64),
	SCMP_SYS(writev),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(close),
	SCMP_SYS(stat),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(fstatfs),
	SCMP_SYS(statfs),
	SCMP_SYS(lseek),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(access),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(fchmod),
	SCMP_SYS(fsetxattr),
	SCMP_SYS(fgetxattr),
	SCMP_SYS(fremovexattr),
	SCMP_SYS(flock),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(sendto),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(fcntl),
	SCMP_SYS(ioctl),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(timer_settime),
	SCMP_SYS(getpid),
	SCMP_SYS(getuid),
	SCMP_SYS(getrandom),
	SCMP_SYS(futex),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(wait4),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_rm_watch),
	SCMP_SYS(prlimit64),
};

static int calls_restrict(void)
{
	/* Found out before the filter hides the answer. */
	bool has_pidfd = process_ref_has_pidfd();
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = filter ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < sizeof(calls_allowed) / sizeof(*calls_allowed); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls_allowed[i], 0);
	/* Before Linux 5.3 notify= has no other call. */
	if (rc == 0 && !has_pidfd)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 0);
	/* A call that this architecture does not have needs no rule. */
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}
#endif

int confine(void)
{
	int rc;

	prctl(PR_SET_DUMPABLE, 0);
	rc = capabilities_drop();
#ifndef WITH_SANITIZERS
	if (rc == 0)
		rc = calls_restrict();
#endif
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/reader_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "config.h"
#include "plugin/common/process_ref.h"
#include "plugin/confine/call_filter.h"
#include "plugin/confine/privileges.h"

/* Since Linux 5.9; before that, stat through map_files needs CAP_SYS_ADMIN. */
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

/* 16,384 processes, each with an open file, take 30 MiB. */
static const struct privilege_limits limits = {
	.memory = 256 * 1024 * 1024,
	.file = 64 * 1024, /* the live figures */
	.descriptors = 64 * 1024,
};

static int capabilities_keep(int signal)
{
	unsigned kept[4] = {
		CAP_SYS_PTRACE, /* maps, smaps_rollup, environ of other users */
		CAP_DAC_READ_SEARCH, /* their directories fd and map_files */
	};
	size_t n = 2;

	kept[n++] =
		privileges_known(CAP_CHECKPOINT_RESTORE) ? CAP_CHECKPOINT_RESTORE : CAP_SYS_ADMIN;
	if (signal)
		kept[n++] = CAP_KILL;
	return privileges_keep(kept, n);
}

#ifndef WITH_SANITIZERS
#define ONLY_READING(index) ARGUMENT(index, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)

/* PROCMAP_QUERY by direction, type and number, whatever the size of its structure. */
#define QUERY_MASK (((_IOC_READ | _IOC_WRITE) << _IOC_DIRSHIFT) | 0xffffU)
#define QUERY _IOC(_IOC_READ | _IOC_WRITE, 'f', 17, 0)

/* Not openat2: its flags are in memory, where a filter cannot see that it is for reading only. */
static const struct call_rule calls[] = {
	CALL(read),
	CALL(pread64),
	CALL(write),
	CALL(pwrite64),
	CALL_IF(open, ONLY_READING(1)),
	CALL_IF(openat, ONLY_READING(2)),
	CALL(close),
	CALL(stat),
	CALL(fstat),
	CALL(newfstatat),
	CALL(statx),
	CALL(fstatfs),
	CALL(statfs),
	CALL(lseek),
	CALL(readlink),
	CALL(readlinkat),
	CALL(getdents64),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL_IF(ioctl, ARGUMENT(1, QUERY_MASK, QUERY)),
	CALL_IF(fcntl, ARGUMENT_IS(1, F_GETFL)), /* fdopendir makes both */
	CALL_IF(fcntl, ARGUMENT_IS(1, F_SETFD)),
	CALL(poll),
	CALL(ppoll),
	CALL_IF(sendto, ARGUMENT_IS(4, 0)), /* over sockets that are connected */
	CALL(recvfrom),
	CALL_IF(mmap, ARGUMENT(2, PROT_EXEC, 0)),
	CALL(munmap),
	CALL(mremap),
	CALL(brk),
	CALL(madvise),
	CALL(clock_gettime),
	CALL(gettimeofday),
	CALL(time),
	CALL(timer_settime),
	CALL(timerfd_settime),
	CALL(getpid),
	CALL_IF(kcmp, ARGUMENT_IS(2, KCMP_VM)), /* compares, and tells nothing else */
	CALL_IF(prlimit64, ARGUMENT_IS(0, 0)),
	CALL(restart_syscall),
	CALL(rt_sigreturn),
	CALL(exit),
	CALL(exit_group),
};

static int signal_allow(scmp_filter_ctx filter, int signal)
{
	const struct call_rule sending[] = {
		CALL(pidfd_open),
		CALL_IF(pidfd_send_signal, ARGUMENT_IS(1, signal)),
	};
	/* Before Linux 5.3. */
	const struct call_rule by_pid[] = { CALL_IF(kill, ARGUMENT_IS(1, signal)) };

	return process_ref_has_pidfd() ? call_filter_allow(filter, CALL_RULES(sending))
				       : call_filter_allow(filter, CALL_RULES(by_pid));
}

static int calls_restrict(int signal)
{
	scmp_filter_ctx filter = call_filter_only();
	int rc = filter ? call_filter_allow(filter, CALL_RULES(calls)) : -ENOMEM;

	if (rc == 0 && signal)
		rc = signal_allow(filter, signal);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}
#else
/* Sanitizers make calls of their own. */
static int calls_restrict(int signal)
{
	(void)signal;
	return 0;
}
#endif

int reader_confine(int signal)
{
	int rc = privileges_limit(&limits);

	if (rc == 0)
		rc = capabilities_keep(signal);
	if (rc == 0)
		rc = calls_restrict(signal);
	return rc;
}

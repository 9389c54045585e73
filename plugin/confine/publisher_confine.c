/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/confine/publisher_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config.h"
#include "plugin/confine/call_filter.h"
#include "plugin/confine/landlock.h"
#include "plugin/confine/privileges.h"

static const struct privilege_limits limits = {
	.memory = 512 * 1024 * 1024,
	.file = 64 * 1024,
	.descriptors = 256,
};

#ifndef WITH_SANITIZERS
/*
 * Which calls libslurm makes differs between its releases, so that this list says what it may not do.
 * Landlock refuses some of it as well, where the kernel has it.
 */
static const struct call_rule calls[] = {
	/* Programs and processes. */
	CALL(execve),
	CALL(execveat),
	CALL(ptrace),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(process_madvise),
	CALL(pidfd_getfd),
	CALL(kill),
	CALL(tkill),
	CALL(rt_sigqueueinfo),
	CALL(rt_tgsigqueueinfo),
	CALL(pidfd_send_signal),
	/* Files. */
	CALL_IF(open, ARGUMENT(1, O_ACCMODE, O_WRONLY)),
	CALL_IF(open, ARGUMENT(1, O_ACCMODE, O_RDWR)),
	CALL_IF(open, ARGUMENT(1, O_CREAT, O_CREAT)),
	CALL_IF(open, ARGUMENT(1, O_TRUNC, O_TRUNC)),
	CALL_IF(openat, ARGUMENT(2, O_ACCMODE, O_WRONLY)),
	CALL_IF(openat, ARGUMENT(2, O_ACCMODE, O_RDWR)),
	CALL_IF(openat, ARGUMENT(2, O_CREAT, O_CREAT)),
	CALL_IF(openat, ARGUMENT(2, O_TRUNC, O_TRUNC)),
	CALL(openat2),
	CALL(open_by_handle_at),
	CALL(creat),
	CALL(truncate),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(link),
	CALL(linkat),
	CALL(symlink),
	CALL(symlinkat),
	CALL(unlink),
	CALL(unlinkat),
	CALL(mkdir),
	CALL(mkdirat),
	CALL(rmdir),
	CALL(mknod),
	CALL(mknodat),
	CALL(chmod),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(chown),
	CALL(fchown),
	CALL(lchown),
	CALL(fchownat),
	CALL(setxattr),
	CALL(lsetxattr),
	CALL(fsetxattr),
	CALL(removexattr),
	CALL(lremovexattr),
	CALL(fremovexattr),
	CALL(utime),
	CALL(utimes),
	CALL(futimesat),
	CALL(utimensat),
	/* The kernel. */
	CALL(mount),
	CALL(umount2),
	CALL(pivot_root),
	CALL(chroot),
	CALL(move_mount),
	CALL(open_tree),
	CALL(mount_setattr),
	CALL(fsopen),
	CALL(unshare),
	CALL(setns),
	CALL(bpf),
	CALL(perf_event_open),
	CALL(userfaultfd),
	CALL(io_uring_setup),
	CALL(keyctl),
	CALL(add_key),
	CALL(request_key),
};

static int calls_restrict(void)
{
	/* Threads of its own may be told something. */
	const struct call_rule others = { SCMP_SYS(tgkill), 1,
		{ { 0, SCMP_CMP_NE, (scmp_datum_t)getpid(), 0 } } };
	scmp_filter_ctx filter = call_filter_except();
	int rc = filter ? call_filter_refuse(filter, CALL_RULES(calls)) : -ENOMEM;

	if (rc == 0)
		rc = call_filter_refuse(filter, &others, 1);
	if (rc == 0) /* libslurm may have started threads */
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
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

int publisher_confine(void)
{
	int rc = privileges_limit(&limits);

	/* Landlock asks for it. */
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (rc == 0)
		rc = privileges_keep(NULL, 0);
	if (rc == 0)
		rc = landlock_restrict(NULL, 0, 0);
	if (rc == -ENOSYS)
		rc = 0;
	return rc ? rc : calls_restrict();
}

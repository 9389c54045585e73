/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/exact/self_memory.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

static int result(ssize_t done, size_t size)
{
	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EFAULT;
}

int self_memory_read(uintptr_t from, void *to, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };

	return result(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), size);
}

int self_memory_write(uintptr_t to, const void *from, size_t size)
{
	struct iovec local = { (void *)(uintptr_t)from, size }, remote = { (void *)to, size };

	return result(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), size);
}

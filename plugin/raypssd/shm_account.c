/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/shm_account.h"

#include <errno.h>
#include <string.h>

enum { TRIES = 100 };

int shm_account_read(const struct shm_block *block, struct account *out)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned written = atomic_load_explicit(&block->written, memory_order_acquire);

		if (!written)
			return -ENODATA;
		memcpy(out, &block->accounts[written % 2], sizeof(*out));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&block->written, memory_order_relaxed) == written)
			return account_is_sane(out) ? 0 : -EINVAL;
	}
	return -EAGAIN;
}

void shm_account_write(struct shm_block *block, const struct account *account)
{
	unsigned written = atomic_load_explicit(&block->written, memory_order_relaxed) + 1;

	/* 0 means never written. The counter wraps after four thousand million samples. */
	if (!written)
		written = 2;
	memcpy(&block->accounts[written % 2], account, sizeof(*account));
	atomic_store_explicit(&block->written, written, memory_order_release);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "account/account_slots.h"

#include <errno.h>
#include <string.h>

enum { TRIES = 100 };

int account_slots_read(const struct account_slots *s, struct account *out)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned written = atomic_load_explicit(&s->written, memory_order_acquire);

		if (!written)
			return -ENODATA;
		memcpy(out, &s->slots[written % 2], sizeof(*out));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&s->written, memory_order_relaxed) == written)
			return account_is_sane(out) ? 0 : -EINVAL;
	}
	return -EAGAIN;
}

void account_slots_write(struct account_slots *s, const struct account *account)
{
	unsigned written = atomic_load_explicit(&s->written, memory_order_relaxed) + 1;

	/* 0 means never written. The counter wraps after four thousand million samples. */
	if (!written)
		written = 2;
	/* The slot that a reader may still copy is only written after the counter said so. */
	atomic_thread_fence(memory_order_release);
	memcpy(&s->slots[written % 2], account, sizeof(*account));
	atomic_store_explicit(&s->written, written, memory_order_release);
}

#include "page.h"

#include <errno.h>
#include <string.h>

enum { TRIES = 100 };

int page_account_read(const struct page *page, struct account *out)
{
	for (int i = 0; i < TRIES; i++) {
		unsigned written = atomic_load_explicit(&page->written, memory_order_acquire);

		if (!written)
			return -ENODATA;
		memcpy(out, &page->accounts[written % 2], sizeof(*out));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&page->written, memory_order_relaxed) == written)
			return account_is_sane(out) ? 0 : -EINVAL;
	}
	return -EAGAIN;
}

void page_account_write(struct page *page, const struct account *account)
{
	unsigned written = atomic_load_explicit(&page->written, memory_order_relaxed) + 1;

	/* 0 means never written, also after four thousand million looks. */
	if (!written)
		written = 2;
	memcpy(&page->accounts[written % 2], account, sizeof(*account));
	atomic_store_explicit(&page->written, written, memory_order_release);
}

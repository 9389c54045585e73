/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An account in memory that two processes share. The accountant writes it after each sample; should
 * the accountant die, another process reads it. There are two slots, so that one of them is whole
 * whenever the accountant is stopped or killed: slot (written % 2) is current.
 */
#ifndef RAYPSS_ACCOUNT_SLOTS_H
#define RAYPSS_ACCOUNT_SLOTS_H

#include <stdatomic.h>

#include "account/account.h"

/* All zero: no sample yet. */
struct account_slots {
	atomic_uint written;
	struct account slots[2];
};

/*
 * Copies the account of the last sample. 0; -ENODATA: no sample yet; -EAGAIN: the account changes
 * too fast; -EINVAL: its figures make no sense.
 */
int account_slots_read(const struct account_slots *s, struct account *out);

/* After a sample. One process at a time writes. */
void account_slots_write(struct account_slots *s, const struct account *account);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account in the shared block. raypssd writes it after each sample; should raypssd die, another
 * one reads it to write the record. There are two slots, so that one of them is whole whenever
 * raypssd is stopped or killed: slot (written % 2) is current.
 */
#ifndef RAYPSS_SHM_ACCOUNT_H
#define RAYPSS_SHM_ACCOUNT_H

#include "plugin/common/shm_block.h"

/*
 * Copies the account of the last sample. 0; -ENODATA: no sample yet; -EAGAIN: the account changes
 * too fast; -EINVAL: its figures make no sense.
 */
int shm_account_read(const struct shm_block *block, struct account *out);

/* Publishes the account after a sample. */
void shm_account_write(struct shm_block *block, const struct account *account);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Publishing from raypssd: what of the spool goes into the job's field, and when. */
#ifndef RAYPSS_STEP_END_H
#define RAYPSS_STEP_END_H

#include "account/account.h"
#include "plugin/common/shm_block.h"
#include "plugin/raypssd/publisher_client.h"

/* Whether this node may have to publish at all, so that a publisher is worth starting. */
bool publishing_is_possible(const struct shm_block *block);

/*
 * Decides about the step's end and asks the publisher. info: which step it is, instead of the
 * block's. spool_fd: negative where there is none, then the step speaks for itself only. 0 = not
 * to be published by us now; PUBLISHING_NOW, PUBLISHING_LATER = asked, and an answer will come soon or
 * after the publisher has waited for other nodes; -errno.
 */
enum { PUBLISHING_NOW = 1, PUBLISHING_LATER };

int publishing_step_end(struct publisher_client *publisher, const struct shm_block *block,
	const struct step_info *info, const struct account *account, int spool_fd);

#endif

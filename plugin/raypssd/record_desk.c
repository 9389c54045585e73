/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/units.h"
#include "plugin/raypssd/host_cache.h"
#include "plugin/raypssd/live_file.h"
#include "plugin/raypssd/record_writer.h"
#include "plugin/raypssd/step_end.h"
#include "results/expire.h"
#include "results/record.h"
#include "results/spool.h"

/* How long one piece of the retention may take. */
#define EXPIRE_BUDGET_NS (500 * NS_PER_MS)

/*
 * What changes while the step runs is the shared block's. Which step it is and whose is not taken
 * from there again: raypssd, which can write to the block, reads what users control.
 */
static const struct step_info *info_of(struct record_desk *desk)
{
	const struct step_info *now = &desk->block->info;
	struct step_info *f = &desk->info;

	f->restart = now->restart;
	f->corrected = now->corrected;
	f->task_rss = now->task_rss;
	f->task_had_rss = now->task_had_rss;
	f->ended = now->ended;
	f->lost = now->lost;
	f->signalled = now->signalled;
	f->status = now->status;
	f->ended_s = now->ended_s;
	return f;
}

static void account_of(const struct record_desk *desk, struct account *account)
{
	if (account_slots_read(&desk->block->account, account))
		account_init(account, desk->block->limit, monotonic_ns());
}

static int record_write(struct record_desk *desk)
{
	const struct step_info *info = info_of(desk);
	struct account account;
	json_t *host, *record;
	int rc;

	if (desk->spool < 0)
		return desk->spool;
	account_of(desk, &account);
	host = host_cache_load();
	record = record_json(info, &account, host);
	rc = spool_write(desk->spool, info, record);
	json_decref(record);
	json_decref(host);
	return rc;
}

static int publish(struct record_desk *desk)
{
	struct account account;

	account_of(desk, &account);
	return publishing_step_end(
		&desk->publisher, desk->block, info_of(desk), &account, desk->spool);
}

int record_do(struct record_desk *desk, enum record_request request)
{
	int rc;

	switch (request) {
	case RECORD_WRITE:
		return record_write(desk);
	case RECORD_END:
		rc = record_write(desk);
		live_file_discard(&desk->info);
		return rc;
	case RECORD_PUBLISH:
		return publish(desk);
	case RECORD_EXPIRE:
		return desk->spool < 0
			? 0
			: expire_spool(desk->spool, desk->info.cluster, EXPIRE_BUDGET_NS);
	case RECORD_SYNC:
		if (desk->spool >= 0)
			spool_sync(desk->spool, &desk->info);
		return 0;
	}
	return -EINVAL;
}

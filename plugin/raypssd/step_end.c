/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/raypssd/step_end.h"

#include <time.h>

#include "plugin/common/plugstack.h"
#include "plugin/raypssd/publish_rule.h"
#include "results/job.h"
#include "results/record.h"
#include "results/spool.h"

/* Up to so many nodes a step's end is looked up in the spool by each. */
enum { MERGED_NODES = 16 };

static const char *const fields[] = {
	[PUBLISH_ADMIN_COMMENT] = "admin_comment",
	[PUBLISH_EXTRA] = "extra",
	[PUBLISH_COMMENT] = "comment",
};

bool publishing_is_possible(const struct shm_block *block)
{
	return block->publish != PUBLISH_NONE;
}

static void record_append(const json_t *record, void *records)
{
	json_array_append(records, (json_t *)record);
}

/*
 * All that the spool shows of the job; this step at least. The nodes of a wide step do not all read
 * what all have written: raypss publish brings them together.
 */
static json_t *entries_of(
	const struct shm_block *block, const struct account *account, int spool_fd)
{
	json_t *records = json_array(), *entries;

	if (spool_fd >= 0 && block->info.nodes <= MERGED_NODES)
		spool_each_record(spool_fd, block->info.job, record_append, records);
	entries = job_entries(records);
	if (!json_object_get(entries, block->info.step))
		json_object_set_new(entries, block->info.step, record_entry(&block->info, account));
	json_decref(records);
	return entries;
}

static bool all_reported(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "reported")) >=
		json_integer_value(json_object_get(entry, "nodes"));
}

int publishing_step_end(struct publisher_client *publisher, const struct shm_block *block,
	const struct account *account, int spool_fd)
{
	json_t *entries = entries_of(block, account, spool_fd);
	const struct step_end end = {
		.is_enclosing = step_info_is_enclosing(block->info.step),
		.in_enclosing = block->in_enclosing,
		.first_node = block->node_id == 0,
		.all_reported = all_reported(json_object_get(entries, block->info.step)),
		.verdict = record_verdict(&block->info, account),
		.elapsed_ns = account->last.at_ns - account->started_ns,
	};
	enum publish_decision decision = publish_decide(&end);
	int rc = 0;

	if (decision == PUBLISH_RATED &&
		!spool_take_turn(spool_fd, block->info.job,
			block->in_enclosing ? PUBLISH_BURST_ENCLOSED : PUBLISH_BURST,
			PUBLISH_REFILL_S, time(NULL)))
		decision = PUBLISH_NOT;
	if (decision != PUBLISH_NOT)
		rc = publisher_client_ask(publisher, block->info.job, block->info.restart,
			fields[block->publish], entries);
	json_decref(entries);
	return rc ? rc : decision != PUBLISH_NOT;
}

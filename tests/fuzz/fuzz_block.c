/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared block as a raypssd that was taken over may leave it: patches over a block in use */
#include <jansson.h>
#include <string.h>

#include "fuzz.h"
#include "plugin/common/shm_block.h"
#include "results/job_node.h"
#include "results/publish_field.h"
#include "results/record.h"
#include "results/record_line.h"

const char fuzz_seeds[] = "fuzz/corpus/block/*";

static struct shm_block block;

static void block_make(void)
{
	memset(&block, 0, sizeof(block));
	block.version = SHM_BLOCK_VERSION;
	block.info = (struct step_info){ .in_slurm = true,
		.job = 7,
		.step = "0",
		.node = "n1",
		.nodes = 1,
		.with_series = true };
	block.limit = 1 << 30;
	block.publish = PUBLISH_NONE;
	strcpy(block.spool, "/spool");
	account_init(&block.account.slots[1], block.limit, 1);
	block.account.written = 1;
}

/* Everything that raypssd --finish makes of the block. */
static void record_check(const struct account *account)
{
	json_t *record = record_json(&block.info, account, NULL), *read;
	struct job_node node;
	char line[1024], *text;

	MUST(record);
	text = json_dumps(record, JSON_COMPACT);
	MUST(text);
	read = json_loads(text, 0, NULL);
	MUST(read);
	if (job_node_read(read, &node) == 0)
		job_node_clear(&node);
	json_decref(read);
	free(text);
	json_decref(record);
	record_line(&block.info, account, line, sizeof(line));
	MUST(strnlen(line, sizeof(line)) < sizeof(line));
	job_node_of(&block.info, account, &node);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct account account;

	if (!size)
		return 0;
	block_make();
	/* The first byte says which half of the block the patches are for. */
	if (data[0] % 2)
		fuzz_patch(&block.account.slots[1], sizeof(block.account.slots[1]), 1, data + 1,
			size - 1);
	else
		fuzz_patch(&block.info, sizeof(block.info), 1, data + 1, size - 1);
	if (!shm_block_is_valid(&block) || account_slots_read(&block.account, &account))
		return 0;
	record_check(&account);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of raypssd: one step on one node. */
#ifndef RAYPSS_DAEMON_H
#define RAYPSS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "account/account.h"
#include "measure/accountant.h"
#include "plugin/common/shm_block.h"
#include "plugin/raypssd/first_error.h"
#include "plugin/raypssd/guardian.h"
#include "plugin/raypssd/limits_files.h"
#include "plugin/raypssd/live_file.h"
#include "plugin/raypssd/notify.h"
#include "plugin/raypssd/publisher_client.h"
#include "plugin/raypssd/record_writer.h"
#include "plugin/raypssd/step_source.h"
#include "plugin/raypssd/task_shares.h"

struct daemon {
	struct shm_block *block;
	struct guardian guardian; /* what it told raypssd */
	struct step_source source;
	struct accountant *accountant;
	struct account account;
	struct task_shares shares;
	struct live_file *live; /* the live figures, NULL = none */
	struct limits_files limits;
	struct notify notify;
	unsigned tasks_seen; /* of the block's tasks */
	struct record_writer writer;
	uint64_t recorded_ns; /* when the record was last written, 0 = never */
	struct first_error error; /* slurmstepd logs it at the step's end */
	bool finished; /* the record is final */

	struct publisher_client publisher; /* the answers; the requests are the writer's */
	unsigned unasked; /* answers of the publisher that slurmstepd does not wait for */
	bool to_publish; /* this node is to publish the step's end, and has not succeeded yet */
	bool kill_told; /* a kernel OOM kill was published */
};

#endif

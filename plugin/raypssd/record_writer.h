/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raypssd's writer: a process of its own that makes the step's record from the shared block, keeps
 * it in the spool, and passes it on to the publisher. raypssd, which reads what users control, needs
 * no right to write files this way; and a spool that hangs does not hold raypssd.
 *
 * The kernel ends the writer when raypssd ends, also a writer that hangs or was stopped.
 */
#ifndef RAYPSS_RECORD_WRITER_H
#define RAYPSS_RECORD_WRITER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "plugin/common/shm_block.h"
#include "plugin/raypssd/publisher_client.h"

/* slurmstepd waits less long (deadline= of plugstack.conf). This bounds the pause between looks. */
#define RECORD_WAIT_NS (2 * NS_PER_S)

/* Requests. Each is answered by 0 or -errno, unless it says otherwise. */
enum record_request {
	RECORD_WRITE = 'w', /* write the record of the last look */
	RECORD_END = 'e', /* the same, and remove the live figures */
	RECORD_PUBLISH = 'p', /* > 0: the publisher was asked, and will answer; 0: nothing to do */
	RECORD_SYNC = 's', /* have the disk keep what was written */
	RECORD_EXPIRE = 'x', /* remove old records, a piece at a time */
};

/* What records are made of and go to. */
struct record_desk {
	const struct shm_block *block;
	struct step_info info; /* as the plugin wrote them before raypssd started */
	char spool_path[PATH_MAX]; /* from the same time */
	int spool; /* descriptor, or -errno; whoever writes opens it */
	struct publisher_client publisher; /* none where the step is not published */
};

/* Does what is requested, in this process. What the request says, or -errno. */
int record_do(struct record_desk *desk, enum record_request request);

struct record_writer {
	int socket; /* -1 = there is no writer */
	bool greeted; /* the answer that comes first says how confining went */
	unsigned late; /* answers that were not waited for */
	bool is_stuck; /* the last answer was late */
	int unconfined; /* -errno where the writer could not confine itself; known after an answer */
};

/*
 * Starts the writer, which opens the spool, and takes over the way to the publisher: that is closed in
 * the caller. 0 or -errno.
 */
int record_writer_start(struct record_writer *w, struct record_desk *desk);

/*
 * Asks for something and waits for the answer: wait_ns at most, and 50 ms if the writer has still not
 * answered what it was asked before. What the request says, or -ETIMEDOUT, -EPIPE (the writer is gone),
 * or another -errno. An answer that comes later is left out.
 */
int record_writer_ask(struct record_writer *w, enum record_request request, uint64_t wait_ns);

#endif

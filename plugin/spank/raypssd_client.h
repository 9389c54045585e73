/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypssd as seen from slurmstepd: starting it, asking it, and making sure that it ends. */
#ifndef RAYPSS_RAYPSSD_CLIENT_H
#define RAYPSS_RAYPSSD_CLIENT_H

#include <stdint.h>

#include "plugin/common/shm_block.h"

struct accountant_process {
	struct shm_block *block;
	int block_fd;
	int socket; /* -1: not running */
};

/* Makes the shared block, zeroed. 0 or -errno. */
int accountant_process_prepare(struct accountant_process *a);

/*
 * Starts raypssd, which accounts what the block says. It makes itself nobody's child, so that
 * slurmstepd never waits for it. 0 or -errno; until_ns bounds the wait for its first fork.
 */
int accountant_process_start(struct accountant_process *a, uint64_t until_ns);

/* Adds a task, the root of a process tree. Never waits. */
void accountant_process_add_task(struct accountant_process *a, pid_t pid);

/*
 * Sends a request. Never waits: 0, or -errno where raypssd does not listen any more.
 */
int accountant_process_ask(struct accountant_process *a, enum message request);

/*
 * The next answer's text, waited for until until_ns at most. Returns its enum message, -ETIMEDOUT,
 * or -EPIPE where raypssd is gone.
 */
int accountant_process_answer(
	struct accountant_process *a, uint64_t until_ns, char text[MESSAGE_SIZE]);

/* Kills a raypssd that does not answer. */
void accountant_process_kill(struct accountant_process *a);

/*
 * Has the record written from the block by a raypssd that does only that. 0 or -errno; -ETIMEDOUT:
 * it goes on alone.
 */
int accountant_process_finish_from_block(struct accountant_process *a, uint64_t until_ns);

/* Closes everything. raypssd sees that and ends. */
void accountant_process_close(struct accountant_process *a);

#endif

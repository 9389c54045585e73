/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raypssd as slurmstepd sees it: starting it, asking it, and making sure that it ends. */
#ifndef RAYPSS_RAYPSSD_CLIENT_H
#define RAYPSS_RAYPSSD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin/common/process_ref.h"
#include "plugin/common/shm_block.h"

struct raypssd_client {
	struct shm_block *block;
	bool block_kept; /* somebody else still uses the mapping: it stays */
	int block_fd;
	int socket; /* -1: raypssd does not run */
	bool dormant; /* begun by raypssd_client_watch() */
	struct process_ref process;
};

/* An empty client, for raypssd_client_prepare(). */
#define RAYPSSD_CLIENT_NONE                                                                        \
	{                                                                                          \
		.block_fd = -1, .socket = -1, .process = {.pidfd = -1 }                            \
	}

/* Makes the shared block, zeroed. 0 or -errno. */
int raypssd_client_prepare(struct raypssd_client *c);

/*
 * Starts raypssd, which accounts the step that the block describes. raypssd detaches itself from
 * slurmstepd, which waits for its children. 0; -errno: until_ns bounds the wait for that.
 */
int raypssd_client_start(struct raypssd_client *c, uint64_t until_ns);

/*
 * Starts raypss-dormant in place of raypssd. As soon as a raylet is among the step's processes,
 * raypss-dormant becomes raypssd. Does not wait for raypss-dormant. 0 or -errno.
 */
int raypssd_client_watch(struct raypssd_client *c);

/* Whether raypss-dormant waits, and nothing accounts the step. */
bool raypssd_client_sleeps(const struct raypssd_client *c);

/* Adds a task, the root of a process tree; its start is filled in. Never waits. */
void raypssd_client_add_task(struct raypssd_client *c, struct shm_task task);

/*
 * Sends a request. Never waits. 0 or -errno: raypssd does not listen any more. raypss-dormant gets
 * only MESSAGE_FINISH, and ends; for other requests to it the answer is -EAGAIN.
 */
int raypssd_client_ask(struct raypssd_client *c, enum message request);

/*
 * Takes the next answer, at the latest at until_ns. Returns its enum message, and its text, which is
 * printable ASCII. -ETIMEDOUT; -EPIPE: raypssd is gone; another -errno.
 */
int raypssd_client_answer(struct raypssd_client *c, uint64_t until_ns, char text[MESSAGE_SIZE]);

/* Kills a raypssd that does not answer. */
void raypssd_client_kill(struct raypssd_client *c);

/* After MESSAGE_FINISHED: a guardian that somebody has stopped would stay for ever. */
void raypssd_client_let_end(struct raypssd_client *c);

/*
 * Starts a raypssd that only writes the record from what is in the block. 0 or -errno. After
 * -ETIMEDOUT it goes on alone.
 */
int raypssd_client_finish_from_block(struct raypssd_client *c, uint64_t until_ns);

/* Closes everything. raypssd sees that and ends. */
void raypssd_client_close(struct raypssd_client *c);

#endif

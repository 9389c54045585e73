/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The publisher as raypssd sees it. raypssd forks the publisher before it gives up its rights. The
 * fork sleeps until the first request, and then executes the program that talks to slurmctld.
 */
#ifndef RAYPSS_PUBLISHER_CLIENT_H
#define RAYPSS_PUBLISHER_CLIENT_H

#include <stddef.h>

#include "plugin/common/line_reader.h"
#include "results/publish_request.h"

/* Longest line of an answer, in bytes. */
enum { PUBLISHER_ANSWER_LONGEST = 4096 };

struct publisher_client {
	int request; /* pipe to the publisher, -1 = no publisher */
	int answer; /* pipe from the publisher, non-blocking */
	unsigned waiting; /* requests without an answer */
	struct line_reader lines; /* of answer */
};

/* A publisher behind two pipes, which become p's. -1, -1: none. */
void publisher_client_init(struct publisher_client *p, int request, int answer);

/* Forks the publisher. slurm_conf: path, or "" for the default. 0 or -errno. */
int publisher_client_start(struct publisher_client *p, const char *slurm_conf);

/* Asks the publisher for one write. Never waits. 0 or -errno. */
int publisher_client_ask(struct publisher_client *p, const struct publish_request *request);

/*
 * Takes the next answer: 0, and what went wrong ("" = nothing) in text, cut to size. -EAGAIN: no
 * whole answer yet. -EPIPE: the publisher is gone. One poll(2) may announce several answers: call
 * this until it does not return 0.
 */
int publisher_client_answer(struct publisher_client *p, char *text, size_t size);

/* Closes the pipes. The publisher ends after its current request, within that one's time limit. */
void publisher_client_close(struct publisher_client *p);

#endif

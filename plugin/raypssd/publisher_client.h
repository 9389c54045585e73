/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The publisher as raypssd sees it. It is forked before raypssd gives up its rights and waits at no
 * cost; the program that talks to slurmctld is executed in it at the first request.
 */
#ifndef RAYPSS_PUBLISHER_CLIENT_H
#define RAYPSS_PUBLISHER_CLIENT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct publisher_process {
	int request; /* pipe to it, -1 = none */
	int answer; /* pipe from it */
	unsigned waiting; /* requests without an answer */
};

/* slurm_conf: path, or "" for the default. 0 or -errno. */
int publisher_start(struct publisher_process *p, const char *slurm_conf);

/* Asks it to set the entries (step -> entry) in a running job's field. Never waits. 0 or -errno. */
int publisher_ask(struct publisher_process *p, uint32_t job, uint32_t restart, const char *field,
	const json_t *entries);

/*
 * Reads an answer, once poll says that there is one: 0 and what went wrong ("" = nothing) in text,
 * or -EPIPE where the publisher is gone.
 */
int publisher_answer(struct publisher_process *p, char *text, size_t size);

/* Lets go: it ends after what it is at, within its own time limit. */
void publisher_close(struct publisher_process *p);

#endif
